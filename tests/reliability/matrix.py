"""How a call ends: every fault of the sandbox, every retry safety, both transports, over real sockets."""

import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from attrs import define, frozen

from aiotalonone import AsyncIntegrationClient, RetryPolicy, TalonOneError, Timeouts
from aiotalonone.operation import RetrySafety
from aiotalonone.sandbox import Sandbox
from aiotalonone.sandbox.faults import Fault
from tests.support.campaigns import CAMPAIGNS
from tests.support.clients import make_client
from tests.support.event_loops import FACTORIES
from tests.support.sandbox_server import serving

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
START, END = "<!-- matrix: start -->", "<!-- matrix: end -->"
SLOTS = 3
CALLS_AFTERWARDS = 50
CLOSED_PORT = "closed port"
FAULTS = (CLOSED_PORT, *(fault.value for fault in Fault))


@frozen
class Subject:
    """An operation that stands for its class, and a call of it."""

    operation_id: str
    retry_safety: RetrySafety
    call: Callable[[AsyncIntegrationClient], Awaitable[object]]


EVENT = {"profileId": "ada", "type": "visit", "integrationId": "visit-1"}
PURCHASE = {"customerSession": {"profileId": "ada", "couponCodes": ["WELCOME"], "state": "closed"}}
SUBJECTS: Mapping[str, Subject] = {
    "safe": Subject(
        "getCustomerInventory",
        RetrySafety.SAFE,
        lambda client: client.customers.get_customer_inventory("ada", profile=True),
    ),
    "idempotency key": Subject(
        "updateCustomerSessionV2",
        RetrySafety.IDEMPOTENCY_KEY,
        lambda client: client.sessions.update_customer_session_v2("cart-1", PURCHASE),
    ),
    "idempotent": Subject(
        "createCouponReservation",
        RetrySafety.IDEMPOTENT,
        lambda client: client.coupons.create_coupon_reservation("WELCOME", {"integrationIDs": ["ada"]}),
    ),
    "idempotent (DELETE)": Subject(
        "deleteCustomerData", RetrySafety.IDEMPOTENT, lambda client: client.customers.delete_customer_data("bob")
    ),
    "idempotent (own ID)": Subject(
        "trackEventV3", RetrySafety.IDEMPOTENT, lambda client: client.events.track_event_v3(EVENT, silent=False)
    ),
    "unsafe": Subject(
        "createReferral",
        RetrySafety.UNSAFE,
        lambda client: client.referrals.create_referral({"campaignId": 2, "advocateProfileIntegrationId": "ada"}),
    ),
}
TRANSPORTS = ("own", "external")
TIMES = {"the first attempt": (1,), "every attempt": tuple(range(1, 10))}


@frozen
class Cell:
    """How a call ended."""

    ending: str
    outcome: str
    attempts: int
    applied: int

    def __str__(self) -> str:
        attempts = f"{self.attempts} attempt{'s' * (self.attempts > 1)}"
        outcome = f", {self.outcome}" if self.outcome else ""
        return f"{self.ending}{outcome}; {attempts}, {self.applied} applied"


@define
class Attempts:
    """A middleware that counts the attempts of an operation; what is asked after a call is another one's."""

    operation_id: str
    number: int = 0
    reported: int | None = None
    """By the call's error."""

    async def __call__(self, exchange, call_next):
        """One more."""
        self.number += exchange.operation.operation_id == self.operation_id
        return await call_next(exchange)


def client_with(
    transport: str, url: str, attempts: Attempts, read: float
) -> AbstractAsyncContextManager[AsyncIntegrationClient]:
    """Open a client of few slots that counts its attempts."""
    return make_client(
        transport,
        url,
        max_connections=SLOTS,
        retry=RetryPolicy(initial_backoff=0.001, max_retry_after=0.002),
        timeouts=Timeouts(read=read),
        middleware=[attempts],
    )


async def cell_of(fault: str, times: tuple[int, ...], subject: Subject, transport: str) -> Cell:
    """Let one call meet a fault on a sandbox of its own, and see that the client is as good as before."""
    sandbox = Sandbox(CAMPAIGNS)
    attempts = Attempts(subject.operation_id)
    patience = 0.5 if fault == Fault.NO_RESPONSE.value else 10
    async with serving(sandbox.app) as server, client_with(transport, server.url, attempts, patience) as client:
        for profile in ("ada", "bob"):
            await client.customers.update_customer_profile_v2(profile, {"attributes": {}})
        attempts.number = 0
        if fault == CLOSED_PORT:
            async with client_with(transport, closed_url(), attempts, patience) as elsewhere:
                cell = await ending_of(subject, elsewhere, sandbox, attempts)
        else:
            sandbox.faults.add(subject.operation_id, Fault(fault), calls=times, seconds=0.002)
            cell = await ending_of(subject, client, sandbox, attempts)
        sandbox.faults.clear()
        if transport == "own" or fault != Fault.WRONG_CONTENT_LENGTH.value:
            # What stands behind a response, an external client's library takes for the next one.
            await assert_unharmed(sandbox, client, calls=CALLS_AFTERWARDS)
    assert cell.applied <= 1 or subject.retry_safety is RetrySafety.IDEMPOTENT
    return cell


def closed_url() -> str:
    """Return the URL of a port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as unused:
        return f"http://127.0.0.1:{unused.getsockname()[1]}"


async def ending_of(subject: Subject, client: AsyncIntegrationClient, sandbox: Sandbox, attempts: Attempts) -> Cell:
    """Call once, and return how it ended."""
    ending, outcome = "succeeded", ""
    try:
        await subject.call(client)
    except TalonOneError as error:
        ending, outcome = type(error).__name__, error.outcome.name
        attempts.reported = error.attempts
    assert attempts.reported in (None, attempts.number)
    return Cell(ending, outcome, attempts.number, sandbox.applied(subject.operation_id))


async def assert_unharmed(sandbox: Sandbox, client: AsyncIntegrationClient, *, calls: int) -> None:
    """Check that every slot serves a call at the same time as all others, and that many calls succeed."""
    together = asyncio.Barrier(SLOTS)

    async def wait_for_the_others(_operation_id: str) -> None:
        async with asyncio.timeout(5):
            await together.wait()

    sandbox.before_commit(wait_for_the_others)
    patient = client.with_options(timeouts=Timeouts(read=10), retry=RetryPolicy(attempts=1))
    await asyncio.gather(*(patient.customers.get_customer_inventory("ada") for _ in range(SLOTS)))
    sandbox.before_commit(None)
    await asyncio.gather(*(patient.customers.get_customer_inventory("ada") for _ in range(calls)))


async def row_of(fault: str, times: tuple[int, ...]) -> list[str]:
    """Return a cell for each class: one text if the transports agree, else two."""
    texts = []
    for subject in SUBJECTS.values():
        cells = [cell_of(fault, times, subject, transport) for transport in TRANSPORTS]
        own, external = map(str, await asyncio.gather(*cells))
        texts.append(own if own == external else f"{own} (own httpx client: {external})")
    return texts


def in_words(fault: str) -> str:
    """Return ``dropAfterCommit`` as ``drop after commit``."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in fault)


async def table_of(times: str) -> str:
    """Return the table of all faults in Markdown."""
    rows = [[f"met by {times}", *SUBJECTS]]
    for fault in FAULTS:
        if fault == CLOSED_PORT and times != "every attempt":
            continue  # a port does not open for the second attempt
        rows.append([in_words(fault), *await row_of(fault, TIMES[times])])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [" | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in rows]
    lines.insert(1, " | ".join("-" * width for width in widths))
    return "\n".join(f"| {line} |" for line in lines)


async def tables() -> str:
    """Return both tables as they stand in the page."""
    return "\n\n".join([await table_of(times) for times in TIMES])


def documented() -> str:
    """Return the tables of the page."""
    return PAGE.read_text(encoding="utf-8").partition(START)[2].partition(END)[0].strip()


def document(text: str) -> None:
    """Put the tables into the page."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
    PAGE.write_text(f"{before}{START}\n{text}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


def differences(found: str, promised: str) -> list[str]:
    """Return the lines that only one of the two texts has."""
    both = set(found.splitlines()) ^ set(promised.splitlines())
    return sorted(both)


def main() -> int:
    """Print the tables, and compare or write them; 1 if a cell differs on any event loop."""
    has_difference = False
    for name, loop_factory in FACTORIES.items():
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            found = runner.run(tables())
        print(f"On {name}:\n\n{found}\n")  # noqa: T201 - what it is for
        if "--write" in sys.argv:
            document(found)
        for line in differences(found, documented()):
            has_difference = True
            print(f"on {name}, differs from docs/reliability.md: {line}", file=sys.stderr)  # noqa: T201 - likewise
    return int(has_difference)


if __name__ == "__main__":
    sys.exit(main())
