"""The public surface: what a user may import, how fast, and that it is all there."""

import subprocess
import sys

import pytest

import aiotalonone
from aiotalonone import models


@pytest.mark.parametrize("name", [*aiotalonone.__all__, *models.__all__])
def test_a_public_name_can_be_imported(name):
    """Every promised name exists, the lazy ones included."""
    assert getattr(aiotalonone, name) is not None
    assert name in dir(aiotalonone)


def test_no_name_is_promised_twice():
    """A model named like an error would hide one of them."""
    names = [*aiotalonone.__all__, *models.__all__]
    assert len(names) == len(set(names))


def test_other_names_are_rejected_as_anywhere():
    """A typo is an AttributeError, for ``from … import`` an ImportError."""
    with pytest.raises(AttributeError, match="no attribute 'Cupon'"):
        _ = aiotalonone.Cupon
    assert not hasattr(aiotalonone, "__wrapped__")


def test_a_model_is_looked_up_once():
    """What was loaded is a plain name of the module from then on."""
    vars(aiotalonone).pop("CartItem", None)
    first = aiotalonone.CartItem
    assert vars(aiotalonone)["CartItem"] is first is models.CartItem


def test_importing_the_client_loads_neither_models_nor_extras():
    """A worker starts quickly: models and cattrs load with the first client that opens."""
    code = "import sys, aiotalonone; print(*sorted(m for m in sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()  # noqa: S603 - our own interpreter
    assert "aiotalonone.client" in loaded
    assert not {
        "asyncio",
        "aiotalonone.codec",
        "aiotalonone.models",
        "aiotalonone.sandbox",
        "cattrs",
        "opentelemetry",
        "starlette",
        "pyarrow",
        "typer",
    } & set(loaded)
