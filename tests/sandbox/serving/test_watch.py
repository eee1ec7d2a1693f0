import os
from contextlib import suppress

import pytest

from aiotalonone.sandbox.serving.watch import changes, look_at


class OverError(Exception):
    """Ends the looks at a file."""


async def changes_seen(file, *happenings, known=None):
    """Return what the file held whenever it had changed, with what happens to it before each look."""
    remaining, seen = iter(happenings), []

    async def sleep(_):
        happening = next(remaining, None)
        if happening is None:
            raise OverError
        happening()

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
