"""The built pages need no other host, and lead where they say."""

import re
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest

LOADED = {"img": "src", "script": "src", "source": "srcset", "iframe": "src"}


class Page(HTMLParser):
    """What a page links to, what it loads, and the anchors that it has."""

    def __init__(self, text):
        super().__init__()
        self.links, self.loaded, self.anchors = [], [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        """Note what an element names."""
        named = dict(attributes)
        self.anchors |= {named[name] for name in ("id", "name") if name in named}
        if tag == "a" and "href" in named:
            self.links.append(named["href"])
        if tag == "link" and named.get("rel") in {"stylesheet", "preload", "icon", "shortcut icon"}:
            self.loaded.append(named["href"])
        if named.get(LOADED.get(tag)):
            self.loaded.append(named[LOADED[tag]])


@pytest.fixture(scope="module")
def pages(site):
    """Every page by its path."""
    return {path: Page(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}


def test_a_page_loads_nothing_from_the_net(site, pages):
    """Scripts, styles and pictures are files beside the page, so that the site works without a connection."""
    for path, page in pages.items():
        for target in page.loaded:
            parts = urlsplit(target)
            assert (parts.scheme, parts.netloc) == ("", ""), (path.name, target)
            assert (path.parent / unquote(parts.path)).exists(), (path.name, target)
    for style in site.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        assert "@import" not in text
        for target in re.findall(r"""url\(["']?(?!data:)([^"')#]+)""", text):
            assert (style.parent / target).exists(), (style.name, target)


def test_every_link_within_the_site_leads_somewhere(pages):
    """A link to a page finds it, and one to an anchor finds that as well."""
    for path, page in pages.items():
        for target in page.links:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                continue
            linked = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert linked.exists(), (path.name, target)
            if parts.fragment and linked in pages:
                assert unquote(parts.fragment) in pages[linked].anchors, (path.name, target)


def test_words_are_found(site):
    """The search is Sphinx's own: an index of all words is beside the pages."""
    index = (site / "searchindex.js").read_text(encoding="utf-8")
    assert "idempot" in index
