"""The sandbox as its users start it: what it takes and prints while it serves, and how it ends."""

import json
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from threading import Timer
from time import monotonic

import httpx
import pytest
from attrs import define

from aiotalonone.sandbox.campaign_file.schema import campaign_schema
from tests.sandbox.support import campaign

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="no program can send such a signal")
SECONDS = 30
SEED = {
    "profiles": [{"integrationId": "ada"}],
    "sessions": [{"integrationId": "s-1", "profileId": "ada", "couponCodes": ["SUMMER"]}],
}


@define
class Program:
    """A sandbox that serves, and a client of it."""

    process: subprocess.Popen[str]
    url: str
    http: httpx.Client

    def error_line(self):
        """Return the next line on stderr, as soon as there is one."""
        return self.process.stderr.readline().rstrip("\n")

    def end(self, number):
        """Send a signal, and return the exit code and how many seconds it took."""
        start = monotonic()
        self.process.send_signal(number)
        return self.process.wait(), monotonic() - start


@contextmanager
def program(*options):
    """Run a sandbox for as long as the block."""
    command = [sys.executable, "-m", "aiotalonone.sandbox", "--port", "0", *map(str, options)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, encoding="utf-8") as process:  # noqa: S603 - our own module
        alarm = Timer(SECONDS, process.kill)  # a line that does not come would be waited for forever
        alarm.start()
        try:
            url = re.search(r"http://\S+:\d+", process.stdout.readline())[0]
            key = {"Authorization": "ApiKey-v1 sandbox-key"}
            with httpx.Client(base_url=url, headers=key, trust_env=False) as http:
                yield Program(process, url, http)
        finally:
            alarm.cancel()
            process.kill()


def test_each_request_is_a_line():
    """A request is a line on stderr, without colors in a pipe; one to the sandbox itself has no line."""
    with program() as sandbox:
        sandbox.http.get("/healthz")
        sandbox.http.get("/sandbox/state")
        sandbox.http.put("/v2/customer_sessions/s", json={"customerSession": {"couponCodes": ["WINTER"]}})
        line = sandbox.error_line()
    assert re.match(r"\d\d:\d\d:\d\d  PUT     200  [ \d.]{4} ms  /v2/customer_sessions/s  ", line)
    assert line.endswith("  rejectCoupon WINTER (CouponNotFound)")


@POSIX
def test_a_quiet_sandbox_prints_nothing():
    """With --quiet nothing is printed for requests."""
    with program("--quiet") as sandbox:
        sandbox.http.put("/v2/customer_profiles/c", json={})
        code, _ = sandbox.end(signal.SIGTERM)
        assert (code, sandbox.process.stderr.read()) == (0, "")


def test_requests_of_strangers_are_rejected():
    """Pages of other origins and foreign hosts are a 403, unless options allow them."""
    foreign = [{"Origin": "http://shop.example"}, {"Host": "shop.example"}]
    with program() as sandbox:
        assert [sandbox.http.get("/v1/nothing", headers=headers).status_code for headers in foreign] == [403, 403]
    with program("--cors", "http://shop.example", "--allow-host", "shop.example") as sandbox:
        assert [sandbox.http.get("/v1/nothing", headers=headers).status_code for headers in foreign] == [404, 404]


def test_several_hosts_are_an_error():
    """A request with two Host headers is a 4xx, even if both are known."""
    with program() as sandbox:
        address = sandbox.http.base_url.host, sandbox.http.base_url.port
        with socket.create_connection(address) as connection:
            connection.sendall(
                b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            )
            assert re.match(rb"HTTP/1.1 4\d\d ", connection.recv(100))


def test_other_machines_need_consent():
    """An address that other machines reach is served with a warning, and the line names one of this machine."""
    with program("--host", "0.0.0.0", "--allow-remote") as sandbox:  # noqa: S104 - this is the fact
        assert sandbox.url.startswith("http://127.0.0.1:")
        assert (
            "every machine that reaches this one can read and change all that the sandbox holds" in sandbox.error_line()
        )
        assert sandbox.http.get("/healthz", headers={"Host": "talon-one:8080"}).json() == {"status": "ok"}
        assert sandbox.http.get("/sandbox/state", headers={"Host": "talon-one:8080"}).status_code == 200


def test_a_seed_is_there_from_the_start(tmp_path):
    """What --seed names is there at the start and after a reset, and so are the faults of --faults."""
    seed, faults = tmp_path / "seed.json", tmp_path / "faults.json"
    seed.write_text(json.dumps(SEED))
    faults.write_text(json.dumps([{"operationId": "createReferral", "fault": "status503", "calls": [1]}]))
    with program("--seed", seed, "--faults", faults) as sandbox:

        def is_as_at_the_start():
            state = sandbox.http.get("/sandbox/state").json()
            referral = {"campaignId": 3, "advocateProfileIntegrationId": "ada"}
            fault = sandbox.http.post("/v1/referrals", json=referral).status_code
            return state["profiles"], state["sessions"]["open"], fault

        assert is_as_at_the_start() == (1, 1, 503)
        sandbox.http.put("/v2/customer_profiles/bob", json={})
        assert is_as_at_the_start() == (2, 1, 201)
        sandbox.http.post("/sandbox/reset")
        assert is_as_at_the_start() == (1, 1, 503)


@pytest.mark.parametrize(
    ("seed", "message"),
    [
        ('{"sessions": [{"integrationId": "s", "state": "closd"}]}', "sessions[0].state: "),
        ('{"profils": []}', "unknown member 'profils', did you mean profiles?"),
        ('{"profiles": [', "seed.json: "),
    ],
)
def test_a_mistake_in_a_seed_ends_the_start(tmp_path, seed, message):
    """A mistake in a seed is exit code 2 and one line with its place."""
    (tmp_path / "seed.json").write_text(seed)
    done = subprocess.run(
        [sys.executable, "-m", "aiotalonone.sandbox", "--port", "0", "--seed", "seed.json"],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=SECONDS,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("python -m aiotalonone.sandbox: error: ")
    assert message in done.stderr


def test_watched_campaigns_are_read_again(tmp_path):
    """With --watch changed campaigns are served, and a mistake in them is told."""
    file = tmp_path / "campaigns.json"
    file.write_text(json.dumps(campaign(coupons=({"value": "OLD"},))))
    with program("--campaigns", file, "--watch") as sandbox:
        file.write_text('{"campaigns": 1}')
        assert sandbox.error_line().endswith("; the campaigns stay as they were")
        file.write_text(json.dumps(campaign(coupons=({"value": "NEW"},))))
        assert sandbox.error_line().endswith("campaigns replaced; campaigns: 1, coupons: 1")
        reserve = {"integrationIDs": ["a"]}
        codes = ("OLD", "NEW")
        statuses = [sandbox.http.post(f"/v1/coupon_reservations/{code}", json=reserve).status_code for code in codes]
        assert statuses == [404, 201]


def test_the_schema_is_printed():
    """With --schema the JSON schema of campaign files is printed, and nothing is served."""
    command = [sys.executable, "-m", "aiotalonone.sandbox", "--schema"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=SECONDS)  # noqa: S603 - our own module
    assert json.loads(done.stdout) == campaign_schema()
    assert done.stderr == ""


@POSIX
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_at_once_while_somebody_watches(number):
    """A signal ends the sandbox with exit code 0 within seconds, also while a stream of events is open."""
    with program("--quiet") as sandbox, sandbox.http.stream("GET", "/sandbox/events") as events:
        assert events.status_code == 200
        code, seconds = sandbox.end(number)
        assert (code, sandbox.process.stderr.read()) == (0, "")
        assert seconds < 5
