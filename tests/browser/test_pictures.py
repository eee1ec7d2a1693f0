"""The pictures of the pages, as a browser draws them with its own font."""

import pytest

from tools.pictures.__main__ import pictures
from tools.pictures.canvas import WIDTH

DRAWN = {picture.name: picture for picture in pictures()}
BOXES = """() => [...document.querySelectorAll("text")].map((element) => {
    const {x, y, width, height} = element.getBBox();
    return [element.textContent, x, y, x + width, y + height];
})"""


@pytest.fixture
async def texts(page, request):
    """The texts of a picture, each with its left, top, right and bottom."""
    await page.set_content(DRAWN[request.param].svg())
    return await page.evaluate(BOXES)


def over_each_other(one, other):
    """Return whether two texts share more than the edges of their lines."""
    _, left, top, right, bottom = one
    _, other_left, other_top, other_right, other_bottom = other
    return min(right, other_right) - max(left, other_left) > 1 and min(bottom, other_bottom) - max(top, other_top) > 4


@pytest.mark.parametrize(("name", "texts"), [(name, name) for name in DRAWN], indirect=["texts"])
async def test_every_text_can_be_read(name, texts):
    """No text leaves its picture, and no two stand over each other."""
    assert texts
    for index, one in enumerate(texts):
        _, left, top, right, bottom = one
        assert 0 <= left < right <= WIDTH, one
        assert 0 <= top < bottom <= DRAWN[name].height, one
        assert not [other for other in texts[:index] if over_each_other(one, other)], one


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_texts_stand_out(page, scheme):
    """On a light and on a dark screen, texts have the contrast of 4.5 to 1 that WCAG demands."""
    await page.emulate_media(color_scheme=scheme)
    await page.set_content(DRAWN["sessions"].svg())
    colours = await page.evaluate(
        """() => ["--paper", "--box", "--soft", "--warm", "--ink", "--muted"].map(
            (name) => getComputedStyle(document.querySelector("svg")).getPropertyValue(name).trim())"""
    )
    grounds, inks = [luminance(colour) for colour in colours[:4]], [luminance(colour) for colour in colours[4:]]
    for ground in grounds:
        for ink in inks:
            assert (max(ground, ink) + 0.05) / (min(ground, ink) + 0.05) >= 4.5


def luminance(colour):
    """Return the relative luminance of ``#rgb`` or ``#rrggbb``."""
    digits = colour.removeprefix("#")
    pairs = [digit * 2 for digit in digits] if len(digits) == 3 else [digits[start : start + 2] for start in (0, 2, 4)]
    shares = [int(pair, 16) / 255 for pair in pairs]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
