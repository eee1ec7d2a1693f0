"""What a page links to, and from where it is reached."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(path for kind in ("md", "rst") for path in DOCS.rglob(f"*.{kind}"))
HOSTS = {
    *("aiotalonone.github.io", "catt.rs", "docs.talon.one", "github.com", "keepachangelog.com"),
    *("opentelemetry.io", "semver.org", "www.attrs.org", "www.rfc-editor.org", "www.talon.one"),
}
"""Those that pages send their readers to: another one is added by intent."""


def entries(path):
    """Return the pages that a page has in the tables of contents of the site."""
    text = path.read_text(encoding="utf-8")
    blocks = re.findall(r"^```\{toctree\}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    blocks += re.findall(r"^\.\. toctree::\n((?: +.*\n|\n)+)", text, re.MULTILINE)
    names = [line.strip() for block in blocks for line in block.splitlines()]
    return [(path.parent / name).resolve() for name in names if name and not name.startswith(":")]


def test_every_page_is_in_the_navigation_once():
    """A reader of the site reaches each page but the first by one way through the sections."""
    reached = [entry for page in PAGES for entry in entries(page)]
    assert sorted(reached) == sorted(page.with_suffix("") for page in PAGES if page != DOCS / "index.md")


def test_the_first_page_leads_to_every_page():
    """GitHub shows no tables of contents, so the text of the first page has a link to each page of text."""
    linked = re.findall(r"\]\(([^):#]+\.md)\)", (DOCS / "index.md").read_text(encoding="utf-8"))
    pages = {page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md")}
    assert pages - set(linked) == {"index.md", "changelog.md"}  # which includes the file that is linked


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_external_links_lead_to_known_hosts(page):
    """A link out of the site leads to one of a few hosts, by https."""
    for link in re.findall(r"\]\((https?:[^)\s]+)\)", page.read_text(encoding="utf-8")):
        assert urlsplit(link).scheme == "https"
        assert urlsplit(link).hostname in HOSTS
