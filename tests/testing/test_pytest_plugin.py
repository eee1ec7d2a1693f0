"""The fixtures, in suites that pytest runs as it would run a user's."""

import re

import pytest

pytest_plugins = ["pytester"]

PLUGIN = "aiotalonone.pytest_plugin"
AUTO, STRICT = (f"asyncio_mode = {mode}\nasyncio_default_fixture_loop_scope = function" for mode in ("auto", "strict"))
RUNNERS = {
    "asyncio_auto": (["pytest_asyncio.plugin"], AUTO, ""),
    "asyncio_strict": (["pytest_asyncio.plugin"], STRICT, "pytestmark = pytest.mark.asyncio"),
    "anyio": (["anyio.pytest_plugin"], "", "pytestmark = pytest.mark.anyio"),
    "anyio_beside_asyncio": (
        ["anyio.pytest_plugin", "pytest_asyncio.plugin"],
        STRICT,
        "pytestmark = pytest.mark.anyio",
    ),
}
ANYIO_BACKEND = "import pytest\n\n@pytest.fixture\ndef anyio_backend():\n    return 'asyncio'\n"


@pytest.fixture
def run(pytester, monkeypatch):
    """Run a suite with the given plugins alone; a warning is an error there too."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("COVERAGE_PROCESS_START", raising=False)
    monkeypatch.setenv("NO_COLOR", "1")

    def run(module, *options, plugins=("pytest_asyncio.plugin",), settings=AUTO):
        pytester.makeini(f"[pytest]\nfilterwarnings = error\naddopts = --strict-markers\n{settings}\n")
        pytester.makepyfile(test_shop=module)
        chosen = [word for plugin in (*plugins, PLUGIN) for word in ("-p", plugin)]
        return pytester.runpytest_subprocess(*chosen, *options, timeout=120)

    return run


A_SUITE = """
import pytest

{mark}

CART = {{"couponCodes": ["SUMMER", "WINTER"], "cartItems": [{{"sku": "mug", "quantity": 1, "price": 9}}]}}

async def test_the_shop(talon_one, talon_one_sandbox):
    state = await talon_one.sessions.update_customer_session_v2("cart", {{"customerSession": CART}})
    assert {{"setDiscount", "rejectCoupon"}} <= {{effect.effect_type for effect in state.effects}}
    [request] = talon_one_sandbox.requests
    assert request.json["customerSession"] == CART

async def test_a_sandbox_of_its_own(talon_one, talon_one_sandbox):
    assert talon_one_sandbox.requests == []
    talon_one_sandbox.faults.drop_after_commit("updateCustomerSessionV2")
    await talon_one.sessions.update_customer_session_v2("cart", {{"customerSession": CART}})
    talon_one_sandbox.assert_applied_once("updateCustomerSessionV2")
"""


@pytest.mark.parametrize("runner", RUNNERS)
def test_the_fixtures_work_with_each_runner(run, pytester, runner):
    """A test has an open client and a sandbox of its own, whatever runs coroutines."""
    plugins, settings, mark = RUNNERS[runner]
    if runner.startswith("anyio"):
        pytester.makeconftest(ANYIO_BACKEND)
    result = run(A_SUITE.format(mark=mark), plugins=plugins, settings=settings)
    result.assert_outcomes(passed=2)


def test_a_test_that_is_no_coroutine_has_the_client(run):
    """Code that starts an event loop itself can be given the client, without any plugin for coroutines."""
    result = run(
        """
import asyncio

def test_it(talon_one, talon_one_sandbox):
    asyncio.run(talon_one.customers.update_customer_profile_v2("ada", {}))
    assert set(talon_one_sandbox.state.profiles) == {"ada"}
""",
        plugins=(),
        settings="",
    )
    result.assert_outcomes(passed=1)


MARKED = """
from datetime import UTC, datetime

import pytest

from aiotalonone import BadRequestError, ServerError

OTHER = {"campaigns": [{"id": 1, "name": "Other", "coupons": [{"value": "OTHER"}]}]}
pytestmark = pytest.mark.talon_one(campaigns="files/module.json", attributes={"CustomerProfile": {"Name": "string"}})

def test_a_file_below_the_root(talon_one_sandbox):
    assert set(talon_one_sandbox.state.coupons) == {"MODULE"}

@pytest.mark.talon_one(campaigns=OTHER, now=datetime(2031, 1, 1, tzinfo=UTC))
async def test_the_closest_marker_decides_on_an_argument(talon_one, talon_one_sandbox):
    assert set(talon_one_sandbox.state.coupons) == {"OTHER"}
    assert talon_one_sandbox.now.year == 2031
    with pytest.raises(BadRequestError):
        await talon_one.customers.update_customer_profile_v2("ada", {"attributes": {"Age": 36}})

@pytest.mark.talon_one(faults=[{"operationId": "updateCustomerProfileV2", "fault": "status503", "calls": [1, 2, 3]}])
async def test_faults(talon_one, talon_one_sandbox):
    with pytest.raises(ServerError):
        await talon_one.customers.update_customer_profile_v2("ada", {})
    assert len(talon_one_sandbox.requests) == 3
"""


def test_the_marker_sets_the_sandbox_up(run, pytester):
    """Markers of module and test join; a file is found below the suite's root, wherever pytest starts."""
    pytester.makefile(
        ".json", **{"files/module": '{"campaigns": [{"id": 1, "name": "M", "coupons": [{"value": "MODULE"}]}]}'}
    )
    run(MARKED).assert_outcomes(passed=3)


def test_a_suite_has_campaigns_of_its_own(run, pytester):
    """A suite that overrides ``talon_one_campaigns`` has its campaigns wherever no marker names others."""
    pytester.makeconftest("""
import pytest

@pytest.fixture
def talon_one_campaigns():
    return {"campaigns": [{"id": 1, "name": "Ours", "coupons": [{"value": "OURS"}]}]}
""")
    result = run("""
import pytest

def test_ours(talon_one_sandbox):
    assert set(talon_one_sandbox.state.coupons) == {"OURS"}

@pytest.mark.talon_one(campaigns=None)
def test_none(talon_one_sandbox):
    assert talon_one_sandbox.state.coupons == {}
""")
    result.assert_outcomes(passed=2)


def test_the_environment_names_a_process(run, monkeypatch):
    """A program that the test starts finds a sandbox by its environment, which is as it was after the test."""
    monkeypatch.setenv("TALON_ONE_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("TALON_ONE_BASE_URL", raising=False)
    result = run("""
import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest

PROGRAM = '''
import asyncio
from aiotalonone import AsyncIntegrationClient

async def main():
    async with AsyncIntegrationClient.from_env() as client:
        cart = {"customerSession": {"couponCodes": ["SUMMER"]}}
        state = await client.sessions.update_customer_session_v2("cart", cart)
        print(*(effect.effect_type for effect in state.effects))
        print(await client.request("GET", "/sandbox/clock"))

asyncio.run(main())
'''

FAULTS = [{"operationId": "updateCustomerSessionV2", "fault": "dropAfterCommit"}]

@pytest.mark.talon_one(faults=FAULTS, now=datetime(2031, 1, 1, tzinfo=UTC))
def test_it(talon_one_env):
    assert os.environ["TALON_ONE_BASE_URL"] == talon_one_env.url
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert "acceptCoupon" in done.stdout
    assert "2031-01-01" in done.stdout

def test_after_it():
    assert "TALON_ONE_BASE_URL" not in os.environ
    assert os.environ["TALON_ONE_PROXY"] == "http://127.0.0.1:9"
""")
    result.assert_outcomes(passed=2)


def test_a_suite_that_uses_no_fixture_loads_nothing(run):
    """The plugin loads neither a module of the package nor a library before a fixture is used."""
    result = run(
        """
import sys

def test_it():
    ours = {name for name in sys.modules if name.startswith("aiotalonone")}
    assert ours == {"aiotalonone", "aiotalonone._version", "aiotalonone.pytest_plugin"}
    assert not {"attr", "attrs", "httpx", "orjson", "starlette"} & set(sys.modules)
""",
        plugins=(),
        settings="",
    )
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("missing", "fixture"),
    [("starlette", "talon_one"), ("starlette", "talon_one_sandbox"), ("uvicorn", "talon_one_env")],
)
def test_a_missing_extra_is_named(run, pytester, missing, fixture):
    """Without the extra, a test that asks for a fixture ends with a line that says what to install."""
    pytester.makeconftest(f"import sys\nsys.modules[{missing!r}] = None")
    result = run(f"def test_it({fixture}): pass")
    result.assert_outcomes(errors=1)
    assert 'pip install "aiotalonone[sandbox]"' in result.stdout.str()
    assert "Traceback" not in result.stdout.str()
    assert "pytest_plugin.py" not in result.stdout.str()


WRONG = """
from datetime import datetime

import pytest

MARKERS = [
    pytest.mark.talon_one(campaign=None),
    pytest.mark.talon_one({}),
    pytest.mark.talon_one(campaigns={"campaigns": [{"id": 1}]}),
    pytest.mark.talon_one(campaigns="none.json"),
    pytest.mark.talon_one(campaigns="none.json", attributes={"Event": {"stars": "number"}}),
    pytest.mark.talon_one(faults=[{"operationId": "sing", "fault": "reset"}]),
    pytest.mark.talon_one(now=datetime(2031, 1, 1)),
    pytest.mark.talon_one(now="2031-01-01T00:00:00Z"),
    pytest.mark.talon_one(attributes={"CustomerProfile": int}),
]

@pytest.mark.parametrize("fixture", ["talon_one_sandbox", "talon_one_env"])
@pytest.mark.parametrize("_", [pytest.param(number, marks=marker) for number, marker in enumerate(MARKERS)])
def test_it(_, request, fixture):
    request.getfixturevalue(fixture)
"""


def test_a_wrong_marker_is_one_line(run):
    """What a marker asks for and cannot be had ends each test with the reason, without a traceback."""
    result = run(WRONG)
    result.assert_outcomes(failed=18)
    output = result.stdout.str()
    assert (
        output.count("\ntalon_one: the marker talon_one takes campaigns, attributes, faults, now, each by its name\n")
        == 4
    )
    assert output.count("\ntalon_one: campaigns[0].name: ") == 2
    assert len(re.findall(r"\ntalon_one: .*none\.json", output)) == 4
    assert output.count("\ntalon_one: [0].operationId: there is no operation 'sing'\n") == 2
    assert len(re.findall(r"\ntalon_one: .*offset", output)) == 2
    assert output.count("\ntalon_one: now must be a datetime or None, not str\n") == 2
    assert output.count("\ntalon_one: int is not declared: it needs @attributes\n") == 2
    assert "pytest_plugin.py" not in output


def test_a_failed_assertion_shows_the_test(run):
    """The failure of ``assert_applied_once`` is shown at the line of the test."""
    result = run("def test_it(talon_one_sandbox):\n    talon_one_sandbox.assert_applied_once('createReferral')")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*createReferral was applied 0 times in 0 requests", "test_shop.py:2: AssertionError"])


def test_the_marker_and_the_fixtures_are_listed(run):
    """The options of pytest list the marker, and the fixtures with what they are for."""
    assert "@pytest.mark.talon_one(campaigns=…, attributes=…, faults=…, now=…): " in run("", "--markers").stdout.str()
    listed = run("", "--fixtures").stdout.str()
    for fixture in "talon_one", "talon_one_campaigns", "talon_one_env", "talon_one_sandbox":
        assert f"\n{fixture} -- " in listed
