"""The pages with words and promises, glossary and stability, name what there is."""

import re
import tomllib
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import get_args

import pytest

from aiotalonone import Outcome, __version__
from aiotalonone.models.sessions import SessionState

ROOT = Path(__file__).parents[2]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
STABILITY = (ROOT / "docs" / "stability.md").read_text(encoding="utf-8")
PUBLIC = re.search(r"^## What is public\n(.*?)^## ", STABILITY, re.DOTALL | re.MULTILINE)[1]


def test_words_are_in_their_order():
    """A reader finds a word where the alphabet has it."""
    words = re.findall(r"^\| ([^|]+) \| ", GLOSSARY, re.MULTILINE)[1:]
    assert words == sorted(words, key=str.casefold)


def test_each_outcome_and_state_is_a_word():
    """The glossary has every outcome of a call and every state of a session."""
    assert all(f"`{outcome.name}`" in GLOSSARY for outcome in Outcome)
    assert all(f"`{state}`" in GLOSSARY for state in get_args(SessionState))


@pytest.mark.parametrize("name", re.findall(r"`(aiotalonone(?:\.\w+)*)`", PUBLIC))
def test_what_is_public_can_be_imported(name):
    """A module, or a name of one, that the page calls public is there; a cluster's need not be installed for that."""
    if find_spec(name) is None:
        module, _, member = name.rpartition(".")
        assert hasattr(import_module(module), member)


def test_versions_are_those_of_the_package():
    """The pin that the page advises takes this version, and its lowest Python is the package's."""
    major, minor = map(int, __version__.split(".")[:2])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert f"`aiotalonone>={major}.{minor},<{major}.{minor + 1}`" in STABILITY
    assert f"from {project['requires-python'].removeprefix('>=')} on" in STABILITY
