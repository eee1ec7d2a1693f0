"""How a worker finds the API and its key."""

import pickle

import pytest

from aiotalonone.bulk.cluster import Connection

KEY = "a-key-that-travels-nowhere"
URL = "https://acme.europe-west1.talon.one"


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch):
    for name in ("BASE_URL", "API_KEY", "PROXY", "CA_FILE"):
        monkeypatch.delenv(f"TALON_ONE_{name}", raising=False)


async def test_the_key_comes_from_the_workers_environment(monkeypatch):
    """URL and key are read where the client is made."""
    connection = pickle.loads(pickle.dumps(Connection()))  # noqa: S301 - our own
    monkeypatch.setenv("TALON_ONE_BASE_URL", URL)
    monkeypatch.setenv("TALON_ONE_API_KEY", KEY)
    async with connection.client() as client:
        assert client.base_url == URL


async def test_the_key_may_have_another_variable_or_be_in_a_file(monkeypatch, tmp_path):
    """A mounted secret is read without the line's end."""
    monkeypatch.setenv("THE_KEY", KEY)
    Connection(URL, api_key_variable="THE_KEY").client()
    (tmp_path / "key").write_text(f"{KEY}\n")
    Connection(URL, api_key_file=str(tmp_path / "key")).client()


def test_a_connection_holds_no_secret(monkeypatch):
    """What travels with the plan of a job has names alone."""
    monkeypatch.setenv("TALON_ONE_API_KEY", KEY)
    connection = Connection(URL)
    connection.client()
    assert KEY.encode() not in pickle.dumps(connection)
    assert KEY not in repr(connection)


@pytest.mark.parametrize(
    ("connection", "missing"),
    [(Connection(URL), "TALON_ONE_API_KEY"), (Connection(), "TALON_ONE_BASE_URL"), (Connection(URL, "X_KEY"), "X_KEY")],
)
def test_what_is_missing_on_a_worker_is_named(connection, missing):
    """The error says that it is missing there, which is not where the job was started."""
    with pytest.raises(ValueError, match=f"{missing} is not set where this worker runs"):
        connection.client()


def test_an_empty_or_absent_file_of_the_key_is_an_error(tmp_path):
    """A secret that is not mounted is not taken for a key."""
    with pytest.raises(OSError, match="absent"):
        Connection(URL, api_key_file=str(tmp_path / "absent")).client()
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(ValueError, match="key"):
        Connection(URL, api_key_file=str(tmp_path / "empty")).client()


def test_values_of_a_wrong_type_are_errors():
    """A key that was given in place of a name, as bytes, is an error at once."""
    with pytest.raises(TypeError, match="api_key_variable"):
        Connection(URL, api_key_variable=KEY.encode())
