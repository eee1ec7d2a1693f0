import json
import os
import re
from contextlib import suppress
from io import StringIO

import pytest

from aiotalonone.sandbox import Sandbox
from aiotalonone.sandbox.serving.log import Log
from aiotalonone.sandbox.serving.watch import changes, follow_campaigns, look_at
from tests.sandbox.support import campaign


class OverError(Exception):
    """Ends the looks at a file."""


def one_after_another(*happenings):
    """Return a sleep during which one of these happens, and which raises an OverError at the end."""
    remaining = iter(happenings)

    async def sleep(_):
        happening = next(remaining, None)
        if happening is None:
            raise OverError
        happening()

    return sleep


async def changes_seen(file, *happenings, known=None):
    """Return what the file held whenever it had changed, with what happens to it before each look."""
    sleep, seen = one_after_another(*happenings), []
    with suppress(OverError):
        async for _ in changes(file, known or look_at(file), sleep):
            seen += [file.read_text() if file.exists() else None]
    return seen


def nothing():
    pass


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "campaigns.json"
    path.write_text("old")
    return path


async def test_an_unchanged_file_is_left_alone(file):
    """A file that stays as it is has no changes."""
    assert await changes_seen(file, nothing, nothing, nothing) == []


async def test_each_change_is_seen_once(file):
    """A change is seen once, also if the size stays the same, and so is the next one."""
    one, two = lambda: file.write_text("new"), lambda: file.write_text("newer")
    assert await changes_seen(file, one, nothing, nothing, two, nothing, nothing) == ["new", "newer"]


async def test_a_file_that_is_being_written_is_waited_for(file):
    """A file that grows at every look is seen when it has stopped growing."""
    writes = [lambda size=size: file.write_text("x" * size) for size in (10, 20, 30)]
    assert await changes_seen(file, *writes, nothing, nothing) == ["x" * 30]


async def test_a_file_that_is_replaced_is_seen(file, tmp_path):
    """A file that another one takes the place of is seen, also if size and time are those of the old one."""

    def replace():
        other = tmp_path / "other"
        other.write_text("new")
        os.utime(other, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
        other.replace(file)

    assert await changes_seen(file, replace, nothing) == ["new"]


async def test_a_file_that_is_gone_for_a_moment_is_one_change(file):
    """An editor that removes the file before it writes the new one makes one change."""
    assert await changes_seen(file, file.unlink, lambda: file.write_text("new"), nothing) == ["new"]


async def test_a_file_that_stays_away_is_a_change(file):
    """A file that does not come back is seen once as gone, and as a change when it comes back."""
    back = lambda: file.write_text("new")  # noqa: E731 - one happening among others
    assert await changes_seen(file, file.unlink, nothing, nothing, back, nothing) == [None, "new"]


async def test_a_change_before_the_first_look_is_seen(file):
    """A file that changed after it was read and before the first look has changed."""
    known = look_at(file)
    file.write_text("changed at once")
    assert await changes_seen(file, nothing, nothing, known=known) == ["changed at once"]


def shop(code):
    """Return the content of a campaign file with a coupon of this code."""
    return json.dumps(campaign(coupons=({"value": code},)))


async def codes_while(file, *contents):
    """Return the codes that a sandbox has after each content of its file, and what its log says."""
    file.write_text(shop("FIRST"))
    sandbox, stream, codes = Sandbox(file), StringIO(), []
    steps = []
    for content in contents:
        write = lambda content=content: file.write_text(content)  # noqa: E731 - one happening among others
        steps += [write, nothing, lambda: codes.append(list(sandbox.state.coupons))]
    with suppress(OverError):
        log = Log(stream, is_colored=False)
        await follow_campaigns(sandbox, file, look_at(file), log, one_after_another(*steps))
    return codes, [line.partition("  ")[2] for line in stream.getvalue().splitlines()]


async def test_changed_campaigns_replace_the_old_ones(file):
    """A campaign file is read again when it has changed."""
    assert await codes_while(file, shop("SECOND"), shop("THIRD")) == ([["SECOND"], ["THIRD"]], [])


async def test_a_mistake_in_changed_campaigns_is_told(file):
    """A mistake is told with its place, or its line, and the campaigns stay as they were until it is mended."""
    codes, told = await codes_while(file, '{"campaigns": [{"id": "one"}]}', '{"camp', shop("MENDED"))
    assert codes == [["FIRST"], ["FIRST"], ["MENDED"]]
    assert told[0].startswith(f"{file}: campaigns[0].id: ")
    assert re.match(rf"{re.escape(str(file))}: .*line 1 column \d+", told[1])
    assert all(line.endswith("; the campaigns stay as they were") for line in told)
    assert len(told) == 2


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
async def test_a_pipe_is_not_waited_for(file, tmp_path):
    """A pipe in place of the campaign file is told, and not read, which would end with its writer alone."""
    file.write_text(shop("FIRST"))
    sandbox, stream = Sandbox(file), StringIO()
    known = look_at(file)

    def replace():
        os.mkfifo(tmp_path / "pipe")
        (tmp_path / "pipe").replace(file)

    with suppress(OverError):
        await follow_campaigns(sandbox, file, known, Log(stream, is_colored=False), one_after_another(replace, nothing))
    assert list(sandbox.state.coupons) == ["FIRST"]
    assert stream.getvalue().endswith(f"{file}: it is not a file; the campaigns stay as they were\n")


async def test_campaigns_that_are_gone_are_told(file):
    """A campaign file that is removed is told, once, and the campaigns stay as they were."""
    file.write_text(shop("FIRST"))
    sandbox, stream = Sandbox(file), StringIO()
    with suppress(OverError):
        log = Log(stream, is_colored=False)
        await follow_campaigns(sandbox, file, look_at(file), log, one_after_another(file.unlink, nothing, nothing))
    assert list(sandbox.state.coupons) == ["FIRST"]
    [line] = stream.getvalue().splitlines()
    assert line.endswith(f"  {file}: No such file or directory; the campaigns stay as they were")
