"""The public surface: what a user may import, how fast, and that it is all there."""

import re
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


def modules_after(statement):
    code = f"import sys; {statement}; print(*sys.modules)"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())  # noqa: S603 - our own interpreter


def test_importing_the_package_loads_none_of_it():
    """``import aiotalonone`` loads neither a module of its own nor a library, for every pytest imports it."""
    loaded = modules_after("import aiotalonone")
    assert {name for name in loaded if name.startswith("aiotalonone")} == {"aiotalonone", "aiotalonone._version"}
    assert not {"asyncio", "attr", "httpx", "orjson"} & loaded


def test_importing_the_client_loads_neither_models_nor_extras():
    """The client's import loads no model, no cattrs and no extra, so that it is fast."""
    loaded = modules_after("from aiotalonone import AsyncIntegrationClient")
    assert "aiotalonone.client" in loaded
    assert (
        not {
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
        }
        & loaded
    )


def test_importing_bulk_jobs_loads_nothing_of_clusters():
    """A job in one process does without what jobs on clusters need."""
    loaded = modules_after("import aiotalonone.bulk.cluster.connection, aiotalonone.bulk.cluster.send")
    assert "aiotalonone.bulk.job" in loaded
    assert not {"fsspec", "numpy", "pyarrow", "pyspark", "ray"} & loaded


@pytest.mark.parametrize(
    ("module", "missing", "message"),
    [
        ("ray", "ray", r'jobs on Ray need \w+: pip install "aiotalonone\[ray\]"'),
        ("spark", "pyspark", r'jobs on Spark need \w+: pip install "aiotalonone\[spark\]"'),
    ],
)
def test_jobs_on_a_cluster_say_what_they_need(module, missing, message):
    """Without Ray or Spark the import names the extra that has it."""
    code = f"import sys; sys.modules[{missing!r}] = None; import aiotalonone.bulk.{module}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603 - our own interpreter
    assert re.search(message, done.stderr)


def test_importing_a_module_loads_no_models():
    """A module that is imported from the package is not searched for among the models."""
    assert "aiotalonone.models" not in modules_after("from aiotalonone import errors")


def test_a_star_takes_what_the_package_lists():
    """``from aiotalonone import *`` takes the client, settings and errors, which load for it."""
    assert modules_after("from aiotalonone import *; AsyncIntegrationClient, TalonOneError, Timeouts, deadline")
