import json
import signal
from itertools import count

import pytest

from examples import nightly_sync
from tests.examples.conftest import API_KEY, run


def write_profiles(path, profiles):
    path.write_text("".join(f"{json.dumps(profile)}\n" for profile in profiles), encoding="utf-8")
    return str(path)


async def test_all_profiles_of_the_file_are_stored(talon_one, tmp_path):
    """All profiles of a file that needs several requests are stored, the first and the last among them."""
    profiles = [{"integrationId": f"bulk-{number}", "attributes": {"Name": f"Zoë {number}"}} for number in range(2001)]
    done = run("nightly_sync.py", write_profiles(tmp_path / "profiles.ndjson", profiles))
    assert (done.returncode, done.stdout) == (0, "2001 profiles stored, 0 rejected, 0 not attempted\n")
    assert done.stderr.splitlines()[-1].startswith("2,001 profiles stored, ")
    for number in 0, 2000:
        inventory = await talon_one.customers.get_customer_inventory(f"bulk-{number}", profile=True)
        assert inventory.profile.attributes == {"Name": f"Zoë {number}"}


async def test_an_invalid_profile_is_rejected_alone(tmp_path):
    """An invalid profile becomes a line of the rejects file, the others are stored, and the exit code is 1."""
    profiles = [{"integrationId": f"more-{number}", "attributes": {}} for number in range(1500)]
    profiles[7]["attributes"] = {"shoeSize": 43}
    done = run("nightly_sync.py", write_profiles(tmp_path / "profiles.ndjson", profiles))
    assert (done.returncode, done.stdout) == (1, "1499 profiles stored, 1 rejected, 0 not attempted\n")
    reject = json.loads((tmp_path / "profiles.rejects.ndjson").read_text(encoding="utf-8"))
    assert (reject["position"], reject["pointer"]) == (7, "/attributes/shoeSize")


async def test_a_stopped_job_is_resumed_by_the_next_run(tmp_path, monkeypatch):
    """A job that an invalid key stopped says how to resume, and the next run with the right key finishes it."""
    path = write_profiles(tmp_path / "profiles.ndjson", [{"integrationId": "c-1", "attributes": {"Name": "Ada"}}])
    monkeypatch.setenv("TALON_ONE_API_KEY", "key-of-another-shop")
    done = run("nightly_sync.py", path)
    assert done.returncode == 1
    assert "; records not attempted: 1 (rejected); run it again to resume" in done.stderr
    monkeypatch.setenv("TALON_ONE_API_KEY", API_KEY)
    done = run("nightly_sync.py", path)
    assert (done.returncode, done.stdout) == (0, "1 profiles stored, 0 rejected, 0 not attempted\n")


@pytest.fixture
def ctrl_c():
    """Put the handler of Ctrl-C back after the test."""
    handler = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, handler)


@pytest.mark.usefixtures("ctrl_c")
async def test_ctrl_c_stops_the_job_in_order(talon_one, tmp_path, monkeypatch):
    """Ctrl-C stops a job that would never end, and what was stored is in its report."""

    def endless(_path):
        for number in count():
            if number == 10_000:  # more than a job reads before its first response
                signal.raise_signal(signal.SIGINT)
            yield {"integrationId": f"endless-{number}", "attributes": {}}

    monkeypatch.setattr(nightly_sync, "read_profiles", endless)
    report = await nightly_sync.sync(talon_one, tmp_path / "profiles.ndjson")
    assert not report.finished
    assert report.accepted
