import json

import pytest

from aiotalonone.sandbox import Fault, FaultFileError, Sandbox, TriggeredFault
from aiotalonone.sandbox.faults.file import load_faults, read_faults
from aiotalonone.sandbox.faults.script import FaultRule, Faults

REFERRAL = {"campaignId": 30, "advocateProfileIntegrationId": "a"}
IDS = ("createReferral", "trackEvent")


@pytest.fixture
def faults() -> Faults:
    return Faults(IDS)


def met(faults, number):
    """Return the faults of the next calls, None for a call without."""
    scripts = [faults.next_fault("createReferral") for _ in range(number)]
    return [script and script.fault for script in scripts]


@pytest.mark.parametrize(
    ("which", "numbers"),
    [({}, [1]), ({"calls": (1, 3)}, [1, 3]), ({"every": 2}, [2, 4, 6]), ({"every": 1}, [1, 2, 3, 4, 5, 6])],
)
def test_matching_calls_meet_the_fault(faults, which, numbers):
    """The next call meets a fault, or the calls given by number or by distance, and each is recorded as triggered."""
    faults.add("createReferral", Fault.STATUS_500, **which)
    assert [number for number, fault in enumerate(met(faults, 6), 1) if fault] == numbers
    assert faults.triggered == [TriggeredFault("createReferral", Fault.STATUS_500, number) for number in numbers]


def test_pending_faults_are_counted_from_now(faults):
    """What is still to be played has the numbers of the calls from now on; a fault that was played is not among it."""
    faults.add("createReferral", Fault.STATUS_500, calls=(1, 3, 9))
    faults.add("createReferral", Fault.STATUS_503, calls=(2,))
    faults.add("trackEvent", Fault.RESET, every=2)
    met(faults, 2)
    assert faults.pending == [
        FaultRule("createReferral", Fault.STATUS_500, (1, 7)),
        FaultRule("trackEvent", Fault.RESET, every=2),
    ]


def test_calls_count_from_when_the_fault_is_added(faults):
    """A fault does not count the calls before it was added, nor those of other operations."""
    faults.add("createReferral", Fault.STATUS_500, calls=[2])
    met(faults, 1)
    faults.add("createReferral", Fault.STATUS_503, calls=[2])
    assert faults.next_fault("trackEvent") is None
    assert met(faults, 3) == [Fault.STATUS_500, Fault.STATUS_503, None]


def test_first_of_two_faults_is_played(faults):
    """If two faults are due for one call, the first one is played and the other one has counted the call."""
    faults.add("createReferral", Fault.STATUS_500)
    faults.add("createReferral", Fault.STATUS_503, calls=(1, 2))
    assert met(faults, 2) == [Fault.STATUS_500, Fault.STATUS_503]


def test_triggered_faults_are_remembered_up_to_a_limit(faults):
    """The last 10,000 faults are listed, and all of them counted."""
    faults.add("createReferral", Fault.STATUS_500, every=1)
    met(faults, 10_003)
    assert [one.call for one in (faults.triggered[0], faults.triggered[-1])] == [4, 10_003]
    assert faults.counts["createReferral", Fault.STATUS_500] == 10_003


def test_clear_keeps_triggered_faults(faults):
    """After clear no fault is played, and those triggered before are still listed."""
    faults.add("createReferral", Fault.STATUS_500, every=1)
    met(faults, 1)
    faults.clear()
    assert met(faults, 1) == [None]
    assert len(faults.triggered) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"calls": ()}, "calls must be numbers from 1"),
        ({"calls": (0, 1)}, "calls must be numbers from 1"),
        ({"every": 0}, "every must be at least 1"),
        ({"calls": (2,), "every": 3}, "give one of them"),
        ({"seconds": -1}, "seconds must be from 0 to 31536000, a year"),
        ({"seconds": float("nan")}, "seconds must be from 0 to 31536000, a year"),
        ({"seconds": 1e300}, "seconds must be from 0 to 31536000, a year"),
    ],
)
def test_numbers_out_of_range_are_rejected(faults, options, message):
    """A fault with a number out of range raises a ValueError that says what the number must be."""
    with pytest.raises(ValueError, match=message):
        faults.add("createReferral", Fault.TRICKLE, **options)


@pytest.mark.parametrize("operation_id", ["createReferal", "sandboxState", "sandboxFaults"])
def test_unknown_operation_is_rejected(operation_id):
    """Faults and counts are for operations of the platform alone; another name is a ValueError."""
    sandbox = Sandbox()
    with pytest.raises(ValueError, match=f"there is no operation '{operation_id}'"):
        sandbox.faults.drop_after_commit(operation_id)
    with pytest.raises(ValueError, match=f"there is no operation '{operation_id}'"):
        sandbox.applied(operation_id)


@pytest.mark.parametrize(
    ("fault", "error", "applied"),
    [
        (Fault.RESET, ConnectionRefusedError, 0),
        (Fault.DROP_BEFORE_READING, ConnectionResetError, 0),
        (Fault.DROP_AFTER_COMMIT, ConnectionResetError, 1),
        (Fault.HALF_A_BODY, ConnectionResetError, 1),
    ],
)
async def test_broken_connection_without_a_socket_is_an_error(shop, fault, error, applied):
    """Without a server, a fault that breaks the connection raises the error that a socket would raise."""
    shop.sandbox.faults.add("createReferral", fault)
    with pytest.raises(error):
        await shop.http.post("/v1/referrals", json=REFERRAL)
    assert shop.sandbox.applied("createReferral") == applied


async def test_wrong_content_length_without_a_socket_cuts_the_body(shop):
    """Without a server, an HTTP client reads only as much of the body as the headers announce."""
    shop.sandbox.faults.add("createReferral", Fault.WRONG_CONTENT_LENGTH)
    response = await shop.http.post("/v1/referrals", json=REFERRAL)
    assert len(response.content) == int(response.headers["Content-Length"])
    with pytest.raises(json.JSONDecodeError):
        response.json()


async def test_failing_sleep_is_raised(shop):
    """An error in a test's own sleep function reaches the caller."""

    async def sleep(_):
        raise ZeroDivisionError

    shop.sandbox.faults.sleep = sleep
    shop.sandbox.faults.add("createReferral", Fault.SLOW_COMMIT)
    with pytest.raises(ZeroDivisionError):
        await shop.http.post("/v1/referrals", json=REFERRAL)


async def test_unknown_path_meets_no_fault(shop):
    """A request to no operation meets no fault and gets the usual error."""
    shop.sandbox.faults.add("createReferral", Fault.STATUS_500)
    assert (await shop.http.get("/v1/referrals")).status_code == 405


async def test_only_changes_are_applied(shop):
    """Errors, dry calls, reads and the sandbox's own operations do not count as applied."""
    await shop.http.post("/v1/referrals", json={})
    await shop.http.put("/v1/customer_profiles/a", params={"dry": "true"}, json={})
    await shop.http.get("/v1/customer_profiles/a/inventory")
    await shop.http.put("/sandbox/faults", json=[])
    assert (await shop.counts())["applied"] == {}
    await shop.http.put("/v1/customer_profiles/a", json={})
    assert (await shop.counts())["applied"] == {"updateCustomerProfile": 1}


def test_fault_file_has_every_option(tmp_path):
    """A fault file has a member for every option of a fault, with the same defaults."""
    file = tmp_path / "faults.json"
    entries = [
        {"operationId": "createReferral", "fault": "halfABody"},
        {"operationId": "trackEvent", "fault": "status429Date", "calls": [1, 3], "seconds": 2.5},
        {"operationId": "trackEvent", "fault": "trickle", "every": 2},
    ]
    file.write_text(json.dumps(entries))
    assert load_faults(file, IDS) == [
        FaultRule("createReferral", Fault.HALF_A_BODY),
        FaultRule("trackEvent", Fault.STATUS_429_DATE, calls=[1, 3], seconds=2.5),
        FaultRule("trackEvent", Fault.TRICKLE, every=2),
    ]


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_has_a_name_in_json(fault):
    """Every fault can be named in a fault file."""
    assert read_faults([{"operationId": "trackEvent", "fault": fault.value}], IDS) == [FaultRule("trackEvent", fault)]


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({}, "the fault file: must be a list"),
        ([1], "[0]: must be an object"),
        ([{"fault": "trickle"}], "[0].operationId: is required"),
        ([{"operationId": "trackEvent"}], "[0].fault: is required"),
        ([{"operationId": "sing", "fault": "trickle"}], "[0].operationId: there is no operation 'sing'"),
        ([{"operationId": "trackEvent", "fault": "sing"}], "[0].fault: must be one of reset, "),
        ([{"operationId": "trackEvent", "fault": "trickle", "calls": ["1"]}], "[0].calls[0]: must be an integer"),
        ([{"operationId": "trackEvent", "fault": "trickle", "every": "2"}], "[0].every: must be an integer"),
        ([{"operationId": "trackEvent", "fault": "trickle", "every": 0}], "[0]: every must be at least 1"),
        (
            [{"operationId": "trackEvent", "fault": "trickle", "calls": [1], "every": 2}],
            "[0].every: calls and every say which calls it is: give one of them",
        ),
        ([{"operationId": "trackEvent", "fault": "trickle", "seconds": "1"}], "[0].seconds: must be a number"),
    ],
)
def test_mistake_in_a_fault_file_is_reported(tmp_path, entries, message):
    """The error about a mistake in a fault file starts with the place of the mistake."""
    file = tmp_path / "faults.json"
    file.write_text(json.dumps(entries))
    with pytest.raises(FaultFileError) as caught:
        load_faults(file, IDS)
    assert str(caught.value).startswith(message)
