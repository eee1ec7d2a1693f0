"""What the tests on real clusters share: rows, what the API must have in the end, and a key that only workers know."""

import os
from collections.abc import Iterator

import pytest

from aiotalonone.bulk import Report
from aiotalonone.bulk.cluster import Connection
from aiotalonone.sandbox import Sandbox
from tests.bulk.test_sigkill import households

API_KEY = "key-of-the-cluster"
VARIABLE = "TALON_ONE_KEY_OF_THE_CLUSTER"
POISON_EVERY = 9973


@pytest.fixture(scope="session", autouse=True)
def key() -> Iterator[None]:
    """Have the API key in the environment that workers inherit."""
    os.environ[VARIABLE] = API_KEY
    yield
    del os.environ[VARIABLE]


def connection(url: str) -> Connection:
    """Return how workers reach a sandbox."""
    return Connection(url, api_key_variable=VARIABLE)


class Customers:
    """Rows, some of them poison, which only the API knows; what each customer has when all of them are sent."""

    def __init__(self) -> None:
        self.rows: list[dict[str, object]] = []
        self.expected: dict[str, dict[str, object]] = {}
        self.poison: list[int] = []
        """Positions of the rows that must be rejected."""

    @property
    def sandbox(self) -> Sandbox:
        """A sandbox that has the attributes of the rows, but not of the poison."""
        names = {name: type(value) for row in self.expected.values() for name, value in row.items()}
        kinds = {name: "number" if kind is int else "string" for name, kind in names.items()}
        return Sandbox({"attributes": {"CustomerProfile": kinds}}, api_keys=[API_KEY])

    def add(self, customer: str, attributes: dict[str, object], *, poison: bool = False) -> None:
        """Add a row."""
        if poison:
            self.poison.append(len(self.rows))
            attributes = {"shoeSize": 42}
        else:
            self.expected.setdefault(customer, {}).update(attributes)
        self.rows.append({"id": customer, **attributes})

    def table(self) -> dict[str, list[object]]:
        """Return the rows by column, null where a row has no value."""
        columns = dict.fromkeys(name for row in self.rows for name in row)
        return {column: [row.get(column) for row in self.rows] for column in columns}


@pytest.fixture(scope="session")
def real_households() -> Customers:
    """The 2,469 households of the dataset, each of them twice, with another income the second time; some poison."""
    customers = Customers()
    for number, (customer, attributes) in enumerate(households()):
        customers.add(customer, attributes, poison=number % 397 == 5)
    for customer, _ in list(households()):
        customers.add(customer, {"income": f"{customer} a year"})
    return customers


@pytest.fixture(scope="session")
def each_household() -> Customers:
    """The 2,469 households of the dataset, some of them poison."""
    customers = Customers()
    for number, (customer, attributes) in enumerate(households()):
        customers.add(customer, attributes, poison=number % 397 == 5)
    return customers


@pytest.fixture(scope="session")
def half_a_million() -> Customers:
    """500,000 rows of 450,000 customers: the last row of a customer counts; some poison."""
    customers = Customers()
    for number in range(500_000):
        attributes: dict[str, object] = {"name": f"Customer {number}", "points": number}
        customers.add(f"c-{number % 450_000}", attributes, poison=number % POISON_EVERY == 7)
    return customers


def assert_sent(customers: Customers, sandbox: Sandbox, report: Report, rejects: list[dict[str, object]]) -> None:
    """Check that a sandbox has exactly what was to be sent, and that each poisoned row is a reject, once."""
    assert_stored(customers, sandbox, report)
    assert sorted(reject["position"] for reject in rejects) == customers.poison
    assert {reject["status"] for reject in rejects} == ({400} if customers.poison else set())


def assert_stored(customers: Customers, sandbox: Sandbox, report: Report) -> None:
    """Check that a sandbox has exactly what was to be sent, and that the figures say so."""
    stored = {name: profile.attributes for name, profile in sandbox.state.profiles.items()}
    assert stored == customers.expected
    figures = (report.records, report.accepted, report.rejected, report.not_attempted)
    poisoned = len(customers.poison)
    assert figures == (len(customers.rows), len(customers.rows) - poisoned, poisoned, 0)
    assert report.finished
