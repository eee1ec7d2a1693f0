"""A model is named once, in the ``__all__`` of its module, and is then a public name of the packages above it."""

import importlib
import pkgutil

import pytest

from aiotalonone import models

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(models.__path__, f"{models.__name__}.")
    if not module.name.rpartition(".")[2].startswith("_")
)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_exports_every_class_that_it_defines(name):
    """A class that is missing in its module's ``__all__`` would be missing in ``aiotalonone`` as well."""
    module = importlib.import_module(name)
    defined = {
        key
        for key, value in vars(module).items()
        if isinstance(value, type) and value.__module__ == name and not key.startswith("_")
    }
    assert defined <= set(module.__all__)


@pytest.mark.parametrize("name", MODULES)
def test_the_package_exports_what_its_modules_export(name):
    """``aiotalonone.models`` has every name of every module, and the same object under it."""
    module = importlib.import_module(name)
    assert set(module.__all__) <= set(models.__all__)
    assert all(getattr(models, key) is getattr(module, key) for key in module.__all__)


def test_no_two_modules_export_the_same_name():
    """Names are unique in the whole package, so no star import hides a class of another module."""
    assert len(models.__all__) == len(set(models.__all__))
