import json

from tests.examples.conftest import run


def written(path, profiles):
    path.write_text("".join(f"{json.dumps(profile)}\n" for profile in profiles), encoding="utf-8")
    return str(path)


async def test_all_profiles_of_the_file_are_stored(talon_one, tmp_path):
    """More than fit into one request arrive, the first and the last among them."""
    profiles = [{"integrationId": f"bulk-{number}", "attributes": {"Name": f"Zoë {number}"}} for number in range(2001)]
    done = run("bulk_sync.py", written(tmp_path / "profiles.ndjson", profiles))
    assert (done.returncode, done.stdout, done.stderr) == (0, "2001 profiles stored, 0 refused\n", "")
    for number in 0, 2000:
        inventory = await talon_one.customers.get_customer_inventory(f"bulk-{number}", profile=True)
        assert inventory.profile.attributes == {"Name": f"Zoë {number}"}


async def test_a_refused_request_is_told_and_the_rest_goes_on(tmp_path):
    """One profile that does not fit costs its thousand; the place is shown and the exit code tells."""
    profiles = [{"integrationId": f"more-{number}", "attributes": {}} for number in range(1500)]
    profiles[7]["attributes"] = {"shoeSize": 43}
    done = run("bulk_sync.py", written(tmp_path / "profiles.ndjson", profiles))
    assert (done.returncode, done.stdout) == (1, "500 profiles stored, 1000 refused\n")
    assert "refused after 0 profiles: /customerProfiles/7/attributes/shoeSize: " in done.stderr
