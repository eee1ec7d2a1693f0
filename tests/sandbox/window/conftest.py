from html.parser import HTMLParser

import pytest
from attrs import define, field

VOID = {"br", "hr", "img", "input", "link", "meta"}


@define
class Document:
    """A page, as far as tests ask for it."""

    markup: str
    elements: list = field(factory=list)
    """Names and attributes of its elements, in their order."""
    text: str = ""
    """What it says, on one line."""

    def attributes(self, name):
        """Return the values of an attribute, by whatever element."""
        return [attributes[name] for _, attributes in self.elements if name in attributes]


class Reader(HTMLParser):
    """Reads a page, whose elements must be closed as they were opened."""

    def __init__(self, document):
        super().__init__()
        self.document, self.open, self.words = document, [], []

    def handle_starttag(self, tag, attributes):
        """Note an element."""
        self.document.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        """Close an element."""
        assert self.open.pop() == tag

    def handle_data(self, data):
        """Note a text."""
        self.words += data.split()


def read(markup):
    document = Document(markup)
    reader = Reader(document)
    reader.feed(markup)
    reader.close()
    assert reader.open == []
    document.text = " ".join(reader.words)
    return document


@pytest.fixture
def look():
    """Return a page of a shop's window."""

    async def look_at(shop, address):
        response = await shop.http.get(address)
        response.raise_for_status()
        return read(response.text)

    return look_at
