from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from aiotalonone.sandbox.window.text import moment, money, points, segment, time_of_day, visible


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tea", "tea"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("\"' onload='x", "&#34;&#39; onload=&#39;x"),
        ("a\nb\x00", 'a<span class="hidden">\\u000a</span>b<span class="hidden">\\u0000</span>'),
        ("\u202etxet", '<span class="hidden">\\u202e</span>txet'),
        ("\U000e0041", '<span class="hidden">\\u{e0041}</span>'),
        ("\ud800", '<span class="hidden">\\ud800</span>'),
        ("שלום 茶 🍵", "שלום 茶 🍵"),
    ],
)
def test_text_of_a_request_is_never_markup(text, expected):
    """A text is shown escaped, hidden characters as their codes, and its direction ends with it."""
    assert visible(text) == f"<bdi>{expected}</bdi>"


def test_long_text_is_cut():
    """Of a text that is longer than anyone reads, a page has the start."""
    assert visible("x" * 2000) == f"<bdi>{'x' * 2000}</bdi>"
    assert visible("x" * 2001) == f"<bdi>{'x' * 2000}…</bdi>"


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (Decimal("3.6"), "3.60"),
        (Decimal("0.1250"), "0.125"),
        (Decimal(-5), "\N{MINUS SIGN}5.00"),
        (1234567.5, "1,234,567.50"),
        (Decimal("1E+3"), "1,000.00"),
    ],
)
def test_money(amount, expected):
    """An amount has two places, or as many as it needs to be exact."""
    assert money(amount) == expected


def test_points():
    """A number of points has the places that it needs, and no others."""
    assert [points(Decimal(text)) for text in ("1200.00", "0.50", "-3")] == ["1,200", "0.5", "\N{MINUS SIGN}3"]


def test_times_are_in_utc():
    """Dates and times of day are told in UTC, whatever offset they came with."""
    time = datetime(2031, 1, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert (moment(time), time_of_day(time)) == ("2030-12-31 23:30:00", "23:30:00")
    assert moment(datetime(2031, 1, 1, tzinfo=UTC)) == "2031-01-01 00:00:00"


def test_segment_keeps_a_value_in_one_place():
    """A value in an address cannot end its segment, and a lone surrogate does not raise."""
    assert segment("a/b?c&d=é#\ud800") == "a%2Fb%3Fc%26d%3D%C3%A9%23%3F"
