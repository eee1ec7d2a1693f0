"""The scaffold prints an operation that works as it is, before a person has finished it."""

import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import httpx
import pytest

from aiotalonone import AsyncIntegrationClient, models
from aiotalonone.endpoints import all_operations
from aiotalonone.operation import Operation, RetrySafety
from tools.scaffold import scaffold
from tools.specs import VERSIONS, spec

ROOT = Path(__file__).parents[2]
TRANSACTIONS = "getLoyaltyProgramProfileTransactions"
EVERY_ID = sorted({operation_id for version in VERSIONS for operation_id in spec(version).operations})

ENTRY = {
    "id": 5,
    "created": "2026-11-01T08:00:00Z",
    "programId": 7,
    "type": "addition",
    "amount": 12.5,
    "name": "Welcome",
    "startDate": "immediate",
    "expiryDate": "unlimited",
    "subledgerId": "",
    "transactionUUID": "u-1",
}


@pytest.fixture
def module_of(monkeypatch):
    """Return a function that makes the modules of an operation one, whose classes are then models of the package."""

    def make(operation_id):
        module = ModuleType("scaffolded")
        monkeypatch.setitem(sys.modules, module.__name__, module)
        for source in scaffold(operation_id):
            exec(compile(source, operation_id, "exec", dont_inherit=True), vars(module))  # noqa: S102 - our own
        for name in vars(module).get("__all__", ()):
            monkeypatch.setattr(models, name, getattr(module, name), raising=False)
        return module

    return make


async def test_a_scaffolded_operation_can_be_called(module_of):
    """Two values of the path, one an integer, lists and a date of the query are sent, and the response is a model."""
    module = module_of(TRANSACTIONS)
    requests = []

    def respond(request):
        requests.append(request)
        return httpx.Response(200, json={"hasMore": True, "data": [ENTRY]})

    async with (
        httpx.AsyncClient(transport=httpx.MockTransport(respond)) as http_client,
        AsyncIntegrationClient("https://shop.talon.one", api_key="k", http_client=http_client) as client,
    ):
        result = await module.LoyaltyPrograms(client).get_loyalty_program_profile_transactions(
            7,
            "c/1",
            customer_session_ids=["s-1", "s-2"],
            start_date=datetime(2026, 11, 1, tzinfo=UTC),
            page_size=50,
            awaits_activation=False,
        )
    [request] = requests
    assert request.url.raw_path.decode() == (
        "/v1/loyalty_programs/7/profile/c%2F1/transactions?customerSessionIDs=s-1&customerSessionIDs=s-2"
        "&startDate=2026-11-01T00%3A00%3A00%2B00%3A00&pageSize=50&awaitsActivation=false"
    )
    assert type(result) is models.LoyaltyProgramProfileTransactions
    assert result.has_more is True
    [entry] = result.data
    assert type(entry).__name__ == "LedgerTransactionLogEntryIntegrationAPI"
    assert (entry.transaction_uuid, entry.created) == ("u-1", datetime(2026, 11, 1, 8, tzinfo=UTC))


@pytest.mark.parametrize("operation_id", EVERY_ID)
def test_every_operation_can_be_scaffolded(module_of, operation_id):
    """The modules of each operation are valid Python, with one constant that has the ID of the operation."""
    [constant] = [value for value in vars(module_of(operation_id)).values() if isinstance(value, Operation)]
    assert constant.operation_id == operation_id


READ_BY_POST = {"bestPriorPrice"}
"""Operations that read although their method does not say so, which takes a reader to see."""


@pytest.mark.parametrize("operation", all_operations(), ids=lambda operation: operation.operation_id)
def test_a_scaffold_says_what_the_finished_constant_says(module_of, operation):
    """Request, statuses and body of an operation that is finished are those that its scaffold has."""
    [scaffolded] = [value for value in vars(module_of(operation.operation_id)).values() if isinstance(value, Operation)]
    assert (scaffolded.request, scaffolded.body) == (operation.request, operation.body)
    assert set(scaffolded.success) <= set(operation.success)
    assert set(scaffolded.query) <= set(operation.query)
    assert scaffolded.repeated == operation.repeated
    assert scaffolded.comma_separated == operation.comma_separated
    reads = operation.retry_safety is RetrySafety.SAFE and operation.operation_id not in READ_BY_POST
    assert (scaffolded.retry_safety is RetrySafety.SAFE) is reads


@pytest.mark.parametrize(
    "operation_id", [TRANSACTIONS, "getCustomerAchievements", "returnCartItems", "trackEventV2", "updateAudienceV2"]
)
def test_a_scaffold_passes_the_linter(operation_id):
    """What is printed is formatted, sorted and wrapped as the modules of the package."""
    for room, source in scaffold(operation_id)._asdict().items():
        if not source:  # every class exists
            continue
        for command in (["check", "--quiet"], ["format", "--quiet", "--diff"]):
            linter = [sys.executable, "-m", "ruff", *command, "--stdin-filename", f"src/aiotalonone/{room}/new.py", "-"]
            done = subprocess.run(linter, cwd=ROOT, input=source, capture_output=True, text=True, check=False)  # noqa: S603 - our own
            assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_a_method_that_may_return_nothing_is_overloaded():
    """The result may be ``None`` unless `silent` is False, and a retry is safe only if the call is dry."""
    source = scaffold("trackEventV2").endpoints
    assert "TRACK_EVENT_V2: Operation[IntegrationEventV2Response | None] = Operation(" in source
    returned = re.findall(r"^    \) -> (.*?):(?: \.\.\.)?$", source, re.MULTILINE)
    assert returned == ["IntegrationEventV2Response", *["IntegrationEventV2Response | None"] * 2]
    assert re.findall(r"silent: (.*),", source) == ["Literal[False]", *["bool | None = None"] * 2]
    assert "API: ``trackEventV2``, POST /v2/events. Not safe to retry, unless dry.\n" in source
    assert "@overload" not in scaffold("returnCartItems").endpoints


def test_parameters_have_the_types_of_the_specification():
    """Values of the path and the query are integers, texts, flags, dates or lists, as the specification has them."""
    source = scaffold(TRANSACTIONS).endpoints
    for parameter in (
        "loyalty_program_id: int",
        "integration_id: str",
        "customer_session_ids: Sequence[str] | None = None",
        "start_date: datetime | None = None",
        "page_size: int | None = None",
        "awaits_activation: bool | None = None",
    ):
        assert f"        {parameter},\n" in source
    assert "Safe to retry.\n" in source


def test_the_program_prints_a_scaffold():
    """``python -m tools.scaffold`` prints both modules of the operation that it is given."""
    program = [sys.executable, "-m", "tools.scaffold", TRANSACTIONS]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own
    assert all(module in done.stdout for module in scaffold(TRANSACTIONS))


def test_an_unknown_operation_is_an_error():
    """An operation that no specification has cannot be scaffolded."""
    with pytest.raises(LookupError, match="no specification has an operation getNothing"):
        scaffold("getNothing")
