"""The pictures of the pages say what the code has."""

import re
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree as ET

import pytest

from aiotalonone.errors import Outcome
from aiotalonone.models.sessions import SessionState
from aiotalonone.operation import RetrySafety
from aiotalonone.sandbox import SHOP
from aiotalonone.testing.client import SandboxClient
from aiotalonone.testing.sandbox import TalonOneSandbox
from aiotalonone.transport.connection import State
from tools.pictures.__main__ import FOLDER, pictures
from tools.pictures.canvas import WIDTH
from tools.pictures.shop import SESSION_STATES, UPDATES

DRAWN = {picture.name: picture for picture in pictures()}
DOCS = Path(__file__).parents[2] / "docs"


def texts(name):
    """Return the texts in a picture."""
    tree = ET.fromstring(DRAWN[name].svg())  # noqa: S314 - our own
    return [element.text for element in tree.iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("name", DRAWN)
def test_the_files_are_what_is_drawn(name):
    """A picture in the repository is the one that the program draws."""
    assert (FOLDER / f"{name}.svg").read_text("utf-8") == DRAWN[name].svg()


def test_each_file_is_drawn_and_stands_on_a_page():
    """There is no picture that the program does not draw, and none without a page, which tells what it shows."""
    pages = "".join(page.read_text("utf-8") for page in DOCS.rglob("*.md"))
    shown = dict(re.findall(r"!\[(.+?)\]\((?:\.\./)?images/(\w+)\.svg\)", pages))
    assert {path.stem for path in FOLDER.glob("*.svg")} == set(DRAWN)
    assert shown == {picture.title: name for name, picture in DRAWN.items()}


@pytest.mark.parametrize("name", DRAWN)
def test_nothing_leaves_the_picture(name):
    """Boxes and lines are within the picture's size."""
    tree = ET.fromstring(DRAWN[name].svg())  # noqa: S314 - our own
    for box in tree.iter("{http://www.w3.org/2000/svg}rect"):
        left, top = float(box.get("x", "0")), float(box.get("y", "0"))
        assert 0 <= left <= left + float(box.get("width")) <= WIDTH
        assert 0 <= top <= top + float(box.get("height")) <= DRAWN[name].height


def test_the_states_of_a_session_are_those_of_the_api():
    """The picture has each state that a session can have."""
    assert set(SESSION_STATES) == set(get_args(SessionState))
    assert set(SESSION_STATES) <= set(texts("sessions"))


@pytest.mark.parametrize(
    ("picture", "names"),
    [("outcomes", [outcome.name for outcome in Outcome]), ("connections", [state.name for state in State])],
)
def test_the_names_are_those_of_the_code(picture, names):
    """A picture of outcomes or states has each of them once, and no other."""
    assert sorted(filter(str.isupper, texts(picture))) == sorted(names)


def test_what_is_not_retried_has_the_name_of_its_class():
    """The picture of retries names the class that is not sent again."""
    assert any(RetrySafety.UNSAFE.name in text.split() for text in texts("retries"))


async def test_the_effects_are_those_of_the_small_shop():
    """The sandbox sends the effects of the picture, update by update."""
    client = SandboxClient(TalonOneSandbox(SHOP))
    session = {"profileId": "ada", "cartItems": [{"sku": "mug", "quantity": 2, "price": 15}]}
    for state, news, types, _ in UPDATES:
        if news.startswith("code "):
            session["couponCodes"] = [news.removeprefix("code ")]
        body = {"customerSession": {"state": state} if state == "cancelled" else {**session, "state": state}}
        found = await client.sessions.update_customer_session_v2("cart-1", body)
        assert [effect.effect_type for effect in found.effects] == list(types)
