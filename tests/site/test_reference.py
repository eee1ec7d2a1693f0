"""The API reference has every public name, once."""

import zlib
from collections import Counter
from importlib import import_module
from types import ModuleType

import pytest
from attrs import fields, has

import aiotalonone
from aiotalonone import AsyncIntegrationClient, models
from aiotalonone.operation import snake_case
from tests.contract.calls import GROUP_OF

MODULES = ("aiohttp", "attributes", "bulk", "fastapi", "pipeline", "pricing", "sandbox", "testing", "web")
UNLISTED = {
    "endpoints": {"EndpointGroup", "Entries"},
    "otel": {"OpenTelemetryMiddleware"},
    "pytest_plugin": {"talon_one", "talon_one_campaigns", "talon_one_env", "talon_one_sandbox"},
    "testing.client": {"SandboxClient"},
    "testing.sandbox": {"TalonOneSandbox"},
}
"""Public names of modules that have no list of them, or one of modules."""


@pytest.fixture(scope="module")
def entries(site):
    """The names that the reference describes, each once for each place; further names of an object do not count."""
    content = (site / "objects.inv").read_bytes().split(b"\n", 4)[4]  # after four lines of comments
    rows = [line.split(" ", 3) for line in zlib.decompress(content).decode().splitlines()]
    return Counter(name for name, kind, priority, _ in rows if kind.startswith("py:") and priority != "-1")


def listed():
    """Yield the module and name of each public name."""
    yield from (("aiotalonone", name) for name in [*aiotalonone.__all__, *models.__all__])
    for module in MODULES:
        yield from ((f"aiotalonone.{module}", name) for name in import_module(f"aiotalonone.{module}").__all__)
    for module, names in UNLISTED.items():
        yield from ((f"aiotalonone.{module}", name) for name in sorted(names))


def homes(module, name):
    """Return the names under which an object may be described: as it is imported, or where it is made."""
    value = getattr(import_module(module), name)
    if isinstance(value, type):
        return {f"{module}.{name}", f"{value.__module__}.{value.__qualname__}"}
    subjects = vars(models).values() if module == "aiotalonone" else ()
    return {f"{module}.{name}"} | {f"{one.__name__}.{name}" for one in subjects if isinstance(one, ModuleType)}


def test_every_public_name_is_described_once(entries):
    """A name that a program may import stands in the reference, in one place."""
    described = {(module, name): sum(entries[home] for home in homes(module, name)) for module, name in listed()}
    assert {name: count for name, count in described.items() if count != 1} == {}


def test_every_operation_has_its_method(entries):
    """The method of each operation is described in its group."""
    client = AsyncIntegrationClient("https://acme.example", api_key="key")
    groups = {operation: type(getattr(client, group)) for operation, group in GROUP_OF.items()}
    methods = [
        f"{group.__module__}.{group.__qualname__}.{snake_case(operation.operation_id)}"
        for operation, group in groups.items()
    ]
    assert [method for method in methods if entries[method] != 1] == []


def test_every_member_has_a_text(entries):
    """The members of each class that is described stand below it; what a class inherits stands at its base."""
    members = [f"{name}.{member}" for name in entries for member in own_members(load(name))]
    assert [member for member in members if entries[member] != 1] == []


def load(name):
    """Return what has a dotted name, ``None`` if it is the member of a class."""
    module, _, last = name.rpartition(".")
    try:
        return getattr(import_module(module), last)
    except ModuleNotFoundError:
        return None


def own_members(kind):
    """Return the members of a class made by attrs; those with an underscore are not for users."""
    if not (isinstance(kind, type) and has(kind)):
        return []
    return [one.name for one in fields(kind) if not one.inherited and not one.name.startswith("_")]


def test_what_queries_have_in_common_is_spelt_out(site):
    """A method that takes ``**query`` has a parameter for each of its members, inherited ones too."""
    page = (site / "reference" / "groups" / "loyalty.html").read_text(encoding="utf-8")
    start = page.index('id="aiotalonone.endpoints.loyalty.Loyalty.get_loyalty_program_profile_points"')
    method = page[start : page.index('id="aiotalonone.endpoints.loyalty.Loyalty.iter_', start)]
    for member in ("page_size", "skip", "customer_session_ids", "transaction_uuids", "subledger_id", "status", "sort"):
        assert f"<strong>{member}</strong> (" in method
