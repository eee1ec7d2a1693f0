"""Files of campaigns, faults and seeds, as they are read from disk."""

import pytest

from aiotalonone.sandbox import CampaignFileError, FaultFileError, Sandbox, SeedError
from aiotalonone.sandbox.faults.file import load_faults

READERS = [
    pytest.param(Sandbox, b"{}", CampaignFileError, id="campaigns"),
    pytest.param(lambda file: load_faults(file, ()), b"[]", FaultFileError, id="faults"),
    pytest.param(lambda file: Sandbox().seed(file), b"{}", SeedError, id="seed"),
]


@pytest.mark.parametrize(("read", "content", "error"), READERS)
def test_a_file_may_start_with_a_byte_order_mark(tmp_path, read, content, error):
    """Editors on Windows start a file with a byte order mark, which is not part of its JSON."""
    file = tmp_path / "file.json"
    file.write_bytes(b"\xef\xbb\xbf" + content)
    read(file)
    file.write_bytes(content + b"\xef\xbb\xbf")
    with pytest.raises(error, match="line 1 column 3"):
        read(file)


@pytest.mark.parametrize(("read", "content", "error"), READERS)
def test_a_file_in_another_encoding_is_named(tmp_path, read, content, error):
    """A file in UTF-16, as PowerShell writes them, is an error that names the file and what it is not."""
    file = tmp_path / "file.json"
    file.write_bytes(content.decode().encode("utf-16"))
    with pytest.raises(error, match=r"file\.json: is not UTF-8$"):
        read(file)
