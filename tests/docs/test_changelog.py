"""The changelog says what the version is."""

import re
from datetime import date
from pathlib import Path

from aiotalonone import __version__

PAGE = (Path(__file__).parents[2] / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_newest_release_is_the_version():
    """The first dated heading has the version of the package, and a date."""
    version, day = re.search(r"^## \[([\d.]+)\] - (\S+)$", PAGE, re.MULTILINE).groups()
    assert version == __version__
    assert date.fromisoformat(day)


def test_each_heading_is_a_link():
    """The releases and what is unreleased lead to their changes."""
    headings = re.findall(r"^## \[(.+?)\]", PAGE, re.MULTILINE)
    assert re.findall(r"^\[(.+?)\]: https://", PAGE, re.MULTILINE) == headings
