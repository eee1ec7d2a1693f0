"""The sandbox's time can be set, in Python and over HTTP."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.sandbox.support import details

THEN = datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)


async def test_the_time_that_is_set_goes_on(shop):
    """The sandbox continues from the time that it is set to, and returns to its clock's."""
    started = shop.sandbox.now
    shop.sandbox.set_now(THEN)
    shop.clock.forward(seconds=7)
    assert shop.sandbox.now == THEN + timedelta(seconds=7)
    shop.sandbox.set_now(None)
    assert shop.sandbox.now == started + timedelta(seconds=7)


async def test_the_time_can_be_set_over_http(shop):
    """What is stored after the time was set carries that time; null is the machine's time again."""
    response = await shop.http.put("/sandbox/clock", json={"now": "2031-02-03T04:05:06Z"})
    assert (response.status_code, response.json()) == (200, {"now": "2031-02-03T04:05:06Z", "isSet": True})
    assert (await shop.http.get("/sandbox/clock")).json() == {"now": "2031-02-03T04:05:06Z", "isSet": True}
    await shop.put_profile("a")
    assert shop.sandbox.state.profiles["a"].created == THEN
    await shop.http.put("/sandbox/clock", json={"now": None})
    assert shop.sandbox.now == shop.clock()


async def test_a_time_needs_an_offset(shop):
    """A time without an offset could be any of 26 hours, and is an error."""
    with pytest.raises(ValueError, match="offset from UTC"):
        shop.sandbox.set_now(datetime(2031, 2, 3))  # noqa: DTZ001 - that is the point
    response = await shop.http.put("/sandbox/clock", json={"now": "2031-02-03T04:05:06"})
    assert response.status_code == 400
    assert response.json()["errors"][0]["source"] == {"pointer": "/now"}


@pytest.mark.parametrize("now", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z"])
async def test_a_time_at_the_end_of_all_dates_is_rejected(shop, now):
    """A time of the first year or the last, which a time zone or some hours would lead beyond, changes nothing."""
    started = shop.sandbox.now
    response = await shop.http.put("/sandbox/clock", json={"now": now})
    assert (response.status_code, details(response)) == (400, "now must be in a year from 2 to 9998")
    assert shop.sandbox.now == started
