import html
import json
import re

import pytest
from markupsafe import Markup

from aiotalonone.sandbox.window.json_text import MAX_CHARACTERS, highlighted


def lines_of(markup):
    return html.unescape(re.sub("<[^>]*>", "", markup)).split("\n")


def test_numbers_keep_their_digits():
    """A number is shown as it was sent, with the zeros at its end and beyond what a float can hold."""
    assert Markup('<span class="number">1.20</span>') in highlighted('{"price": 1.20, "n": 123456789012345678901}')
    assert "123456789012345678901" in highlighted("[123456789012345678901]")


def test_short_values_stay_on_one_line():
    """A list or an object that fits into a line has one line; a longer one has a line for each entry."""
    item = {"sku": "apple", "quantity": 3, "price": 1.2}
    lines = lines_of(highlighted(json.dumps({"cartItems": [item, item, item], "empty": [], "none": None})))
    assert lines == [
        "{",
        '  "cartItems": [',
        *['    {"sku": "apple", "quantity": 3, "price": 1.2},'] * 2,
        '    {"sku": "apple", "quantity": 3, "price": 1.2}',
        "  ],",
        '  "empty": [],',
        '  "none": null',
        "}",
    ]


@pytest.mark.parametrize("text", ["</pre><script>", "\u202e", "\x1f", 'a"b', "<b>"])
def test_strings_are_text(text):
    """A string is escaped, as a value and as a key, and its hidden characters are shown as codes."""
    shown = str(highlighted(json.dumps({text: text}, ensure_ascii=False)))
    assert "<script" not in shown
    assert "<b>" not in shown
    assert "\u202e" not in shown
    assert shown.count('class="string"') == shown.count('class="key"') == 1


def test_what_is_not_json_is_shown_as_it_is():
    """A body that is not JSON is shown as text, with its lines."""
    assert highlighted(b"<html>\n\xff") == Markup("&lt;html&gt;\n\N{REPLACEMENT CHARACTER}")


@pytest.mark.parametrize("levels", [65, 500, 900])
def test_deep_json_is_shown_as_it_is(levels):
    """A body that is nested deeper than the API accepts is shown as text, without indents that only grow."""
    assert highlighted("[" * levels + "]" * levels) == "[" * levels + "]" * levels


@pytest.mark.parametrize("content", ["[" * 100_000, '{"a":' * 9000 + "1" + "}" * 9000, "x" * 100_000])
def test_any_body_is_shown_in_bounded_length(content):
    """A long body is cut, and the page says so, however deeply it is nested."""
    shown = highlighted(content)
    assert len(shown) < 12 * MAX_CHARACTERS
    assert "the rest is left out" in shown


def test_long_json_is_cut():
    """Of long JSON the first part is shown."""
    shown = highlighted(json.dumps(list(range(50_000))))
    assert shown.endswith('<span class="rest">the rest is left out</span>')
