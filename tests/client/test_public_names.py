"""The public surface: what a user may import, how fast, and that it is all there."""

import subprocess
import sys

import pytest

import aiotalonone
from aiotalonone import models


@pytest.mark.parametrize("name", [*aiotalonone.__all__, *models.__all__])
def test_a_public_name_can_be_imported(name):
    """Every public name can be imported from the package, models included."""
    assert getattr(aiotalonone, name) is not None
    assert name in dir(aiotalonone)


def test_no_public_name_is_in_two_places():
    """No model has the name of an error or of another public object."""
    names = [*aiotalonone.__all__, *models.__all__]
    assert len(names) == len(set(names))


def test_an_unknown_name_is_an_attribute_error():
    """A name that the package does not have raises AttributeError."""
    with pytest.raises(AttributeError, match="no attribute 'Cupon'"):
        _ = aiotalonone.Cupon
    assert not hasattr(aiotalonone, "__wrapped__")


def test_a_model_is_looked_up_once():
    """A model that was used once is an ordinary attribute of the package."""
    vars(aiotalonone).pop("CartItem", None)
    first = aiotalonone.CartItem
    assert vars(aiotalonone)["CartItem"] is first is models.CartItem


def test_importing_the_client_loads_neither_models_nor_extras():
    """``import aiotalonone`` loads no model, no cattrs and no extra, so that it is fast."""
    code = "import sys, aiotalonone; print(*sorted(m for m in sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()  # noqa: S603 - our own interpreter
    assert "aiotalonone.client" in loaded
    assert not {
        "asyncio",
        "aiotalonone.codec",
        "aiotalonone.models",
        "aiotalonone.pricing",
        "aiotalonone.sandbox",
        "aiotalonone.web",
        "aiohttp",
        "cattrs",
        "fastapi",
        "opentelemetry",
        "starlette",
        "pyarrow",
        "typer",
    } & set(loaded)
