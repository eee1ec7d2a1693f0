import json

from tests.examples.conftest import API_KEY, run


def written(path, profiles):
    path.write_text("".join(f"{json.dumps(profile)}\n" for profile in profiles), encoding="utf-8")
    return str(path)


async def test_all_profiles_of_the_file_are_stored(talon_one, tmp_path):
    """More than fit into one request arrive, the first and the last among them."""
    profiles = [{"integrationId": f"bulk-{number}", "attributes": {"Name": f"Zoë {number}"}} for number in range(2001)]
    done = run("bulk_sync.py", written(tmp_path / "profiles.ndjson", profiles))
    assert (done.returncode, done.stdout) == (0, "2001 profiles stored, 0 rejected, 0 left\n")
    assert done.stderr.splitlines()[-1].startswith("2,001 profiles stored, ")
    for number in 0, 2000:
        inventory = await talon_one.customers.get_customer_inventory(f"bulk-{number}", profile=True)
        assert inventory.profile.attributes == {"Name": f"Zoë {number}"}


async def test_a_profile_that_does_not_fit_is_set_aside(tmp_path):
    """The others are stored; its line in the file of rejects says why, and the exit code tells."""
    profiles = [{"integrationId": f"more-{number}", "attributes": {}} for number in range(1500)]
    profiles[7]["attributes"] = {"shoeSize": 43}
    done = run("bulk_sync.py", written(tmp_path / "profiles.ndjson", profiles))
    assert (done.returncode, done.stdout) == (1, "1499 profiles stored, 1 rejected, 0 left\n")
    reject = json.loads((tmp_path / "profiles.rejects.ndjson").read_text(encoding="utf-8"))
    assert (reject["position"], reject["pointer"]) == (7, "/attributes/shoeSize")


async def test_a_job_that_cannot_go_on_says_how(tmp_path, monkeypatch):
    """With the next run, when the reason is gone; nothing was lost."""
    path = written(tmp_path / "profiles.ndjson", [{"integrationId": "c-1", "attributes": {"Name": "Ada"}}])
    monkeypatch.setenv("TALON_ONE_API_KEY", "key-of-another-shop")
    done = run("bulk_sync.py", path)
    assert done.returncode == 1
    assert "; records not attempted: 1 (rejected); run it again to go on" in done.stderr
    monkeypatch.setenv("TALON_ONE_API_KEY", API_KEY)
    done = run("bulk_sync.py", path)
    assert (done.returncode, done.stdout) == (0, "1 profiles stored, 0 rejected, 0 left\n")
