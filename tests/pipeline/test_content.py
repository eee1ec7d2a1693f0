"""Bodies in a content coding: decoded within a limit of output, and of time."""

import gzip
import tracemalloc
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotalonone.pipeline.content import ContentTooLargeError, UndecodableContentError, decode_content

LIMIT = 100_000
TEXT = b'{"effects": []}' * 20
EMPTY_MEMBER = gzip.compress(b"")


def raw_deflate(data):
    """Deflate without the header of RFC 1950, as some servers do."""
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(data) + stream.flush()


DECODABLE = {
    "gzip": (gzip.compress(TEXT), "gzip", TEXT),
    "x-gzip": (gzip.compress(TEXT), "x-gzip", TEXT),
    "GZIP among blanks": (gzip.compress(TEXT), " \tGZIP ", TEXT),
    "gzip and identity": (gzip.compress(TEXT), "identity, gzip,", TEXT),
    "members": (gzip.compress(TEXT[:50]) + gzip.compress(b"") + gzip.compress(TEXT[50:]), "gzip", TEXT),
    "1,000 members": (gzip.compress(b"a") * 1000, "gzip", b"a" * 1000),
    "zeros behind the last member": (gzip.compress(TEXT) + bytes(500), "gzip", TEXT),
    "a member of many input pieces": (gzip.compress(TEXT * 300, compresslevel=0), "gzip", TEXT * 300),
    "deflate": (zlib.compress(TEXT), "deflate", TEXT),
    "deflate without header": (raw_deflate(TEXT), "deflate", TEXT),
    "identity": (TEXT, "identity", TEXT),
    "no coding": (TEXT, "", TEXT),
    "commas alone": (TEXT, " , ", TEXT),
    "an empty body in gzip": (b"", "gzip", b""),
    "an empty body in deflate": (b"", "deflate", b""),
    "an empty body in an unknown coding": (b"", "br", b""),
    "an empty body, encoded": (gzip.compress(b""), "gzip", b""),
}


@pytest.mark.parametrize(("body", "encoding", "decoded"), DECODABLE.values(), ids=DECODABLE)
def test_decodable(body, encoding, decoded):
    """A body in one of the codings that we accept is decoded, whatever the spelling of its name."""
    assert decode_content(body, encoding, LIMIT) == decoded


UNDECODABLE = {
    "br": (TEXT, "br", "unsupported"),
    "zstd": (TEXT, "zstd", "unsupported"),
    "gzip, twice": (gzip.compress(gzip.compress(TEXT)), "gzip, gzip", "unsupported"),
    "deflate and gzip": (gzip.compress(zlib.compress(TEXT)), "deflate, gzip", "unsupported"),
    "plain text called gzip": (TEXT, "gzip", "does not keep to"),
    "plain text called deflate": (TEXT, "deflate", "does not keep to"),
    "deflate called gzip": (zlib.compress(TEXT), "gzip", "does not keep to"),
    "garbage behind a member": (gzip.compress(TEXT) + b"garbage", "gzip", "does not keep to"),
    "garbage behind zeros": (gzip.compress(TEXT) + bytes(9) + b"garbage", "gzip", "does not keep to"),
    "the start of a member behind a member": (gzip.compress(TEXT) + EMPTY_MEMBER[:5], "gzip", "ends within"),
    "half a member": (gzip.compress(TEXT)[:-20], "gzip", "ends within"),
    "a member without checksum": (gzip.compress(TEXT)[:-8], "gzip", "ends within"),
    "one byte": (b"\x1f", "gzip", "ends within"),
    "a wrong checksum": (gzip.compress(TEXT)[:-8] + bytes(4) + gzip.compress(TEXT)[-4:], "gzip", "does not keep to"),
    "a wrong length": (gzip.compress(TEXT)[:-4] + bytes(4), "gzip", "does not keep to"),
    "half of deflate": (zlib.compress(TEXT)[:-6], "deflate", "ends within"),
    "half of deflate without header": (raw_deflate(TEXT)[:-2], "deflate", "ends within"),
    "garbage behind deflate": (zlib.compress(TEXT) + b"garbage", "deflate", "does not keep to"),
    "garbage behind deflate without header": (raw_deflate(TEXT) + b"garbage", "deflate", "does not keep to"),
    "a wrong checksum of deflate": (zlib.compress(TEXT)[:-4] + bytes(4), "deflate", "does not keep to"),
}


@pytest.mark.parametrize(("body", "encoding", "reason"), UNDECODABLE.values(), ids=UNDECODABLE)
def test_undecodable(body, encoding, reason):
    """A body that is not what its header says, or in several codings, is an error in our words."""
    with pytest.raises(UndecodableContentError, match=reason) as caught:
        decode_content(body, encoding, LIMIT)
    assert not isinstance(caught.value, ContentTooLargeError)


ENCODERS = {
    "gzip": (gzip.compress, "gzip"),
    "members": (lambda data: gzip.compress(data[:10]) + gzip.compress(data[10:]), "gzip"),
    "deflate": (zlib.compress, "deflate"),
    "deflate without header": (raw_deflate, "deflate"),
}


@pytest.mark.parametrize(("encode", "encoding"), ENCODERS.values(), ids=ENCODERS)
@pytest.mark.parametrize("limit", [1, 100, LIMIT])
def test_limit(encode, encoding, limit):
    """A body may have as many bytes as allowed once it is decoded, and not one more."""
    assert decode_content(encode(b"a" * limit), encoding, limit) == b"a" * limit
    with pytest.raises(ContentTooLargeError, match=f"larger than {limit} bytes"):
        decode_content(encode(b"a" * (limit + 1)), encoding, limit)


def test_padding_counts_for_nothing():
    """Members behind a body that is as large as allowed may be empty."""
    assert decode_content(gzip.compress(b"a" * LIMIT) + EMPTY_MEMBER, "gzip", LIMIT) == b"a" * LIMIT


@pytest.mark.parametrize(("encode", "encoding"), ENCODERS.values(), ids=ENCODERS)
def test_bomb(encode, encoding):
    """A small body that would decode to 50 MiB is given up at the limit: no more than that is ever in memory."""
    bomb = encode(bytes(50 * 1024 * 1024))
    tracemalloc.start()
    try:
        with pytest.raises(ContentTooLargeError):
            decode_content(bomb, encoding, LIMIT)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5 * LIMIT


def test_endless_members():
    """A gzip file of 16 MiB in members without content is given up after 1,000 of them."""
    with pytest.raises(UndecodableContentError, match="does not keep to"):
        decode_content(EMPTY_MEMBER * 800_000, "gzip", LIMIT)


def test_members_are_decoded_in_pieces():
    """What stands behind a member is not copied for each member: 16 MiB of it would take seconds."""
    body = EMPTY_MEMBER * 999 + gzip.compress(bytes(2**24), compresslevel=0)
    tracemalloc.start()
    try:
        with pytest.raises(ContentTooLargeError):
            decode_content(body, "gzip", LIMIT)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


@given(st.binary(max_size=200), st.sampled_from(["gzip", "x-gzip", "deflate", "identity", "gzip, deflate"]))
def test_any_bytes(body, encoding):
    """No bytes make decoding raise anything but its own error, or give more than the limit."""
    decoded = b""
    with suppress(UndecodableContentError):
        decoded = decode_content(body, encoding, 200)
    assert len(decoded) <= 200


@given(st.binary(max_size=2000), st.sampled_from(list(ENCODERS.values())))
def test_round_trip(data, encoder):
    """A body that was encoded is decoded to the same bytes."""
    encode, encoding = encoder
    assert decode_content(encode(data), encoding, 2000) == data
