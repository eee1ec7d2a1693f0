"""Achievements: progress by rules, in periods, and what customers have reached."""

import pytest

from aiotalonone.sandbox import CampaignFileError, Sandbox
from tests.sandbox.support import effects_of, problem, rule

LIST = "/v1/customer_profiles/ada/achievements"
INCREASE, ROLLBACK = "increaseAchievementProgress", "rollbackIncreasedAchievementProgress"


def file(*achievements, **effect):
    """Return a campaign file with achievements, the first of which each session of a cart lets make progress."""
    effects = [{"type": INCREASE, "achievementId": achievements[0]["id"], **effect}]
    rules = [rule([{"type": "cartTotal", "atLeast": 1}], *effects)]
    return {"achievements": list(achievements), "campaigns": [{"id": 4, "name": "Coffee", "rules": rules}]}


def achievement(**members):
    return {"id": 10, "name": "FreeCoffee", "target": 3, **members}


async def buy(shop, session_id, state="closed", price=1, profile="ada"):
    """Close a session, and return the properties of its steps."""
    cart = [{"sku": "coffee", "quantity": 1, "price": price}]
    response = await shop.put_session(session_id, ("achievements",), profileId=profile, cartItems=cart, state=state)
    return effects_of(response, INCREASE)


async def history(shop, **query):
    """Return the entries of a customer's history."""
    response = await shop.http.get(f"{LIST}/10", params=query)
    return response.raise_for_status().json()["data"]


async def current(shop, **query):
    """Return the current progress in the first achievement."""
    response = await shop.http.get(LIST, params=query)
    return response.raise_for_status().json()["data"][0]["currentProgress"]


async def test_progress_is_made_by_closed_sessions(open_shop):
    """Each closed session makes progress, and the one that reaches the target says so."""
    shop = open_shop(file(achievement()))
    steps = [step for number in range(3) for step in await buy(shop, f"s-{number}")]
    assert steps[0] == {
        "achievementId": 10,
        "achievementName": "FreeCoffee",
        "progressTrackerId": 1,
        "delta": 1,
        "value": 1,
        "target": 3,
        "isJustCompleted": False,
    }
    assert [(step["value"], step["isJustCompleted"]) for step in steps] == [(1, False), (2, False), (3, True)]
    assert await current(shop) == {
        "status": "completed",
        "progress": 3,
        "startDate": "2026-01-02T03:04:05Z",
        "completionDate": "2026-01-02T03:04:05Z",
    }


async def test_an_open_session_makes_no_progress_yet(open_shop):
    """An open session announces its progress, without a tracker that does not exist, and stores nothing."""
    shop = open_shop(file(achievement()))
    for _ in range(2):
        [step] = await buy(shop, "s-1", "open")
        assert (step["value"], "progressTrackerId" in step) == (1, False)
    assert await current(shop) == {"status": "not_started", "progress": 0}
    await buy(shop, "s-1")
    [step] = await buy(shop, "s-2", "open")
    assert (step["value"], step["progressTrackerId"]) == (2, 1)
    assert (await current(shop))["progress"] == 1


async def test_an_anonymous_session_makes_no_progress(open_shop):
    """Without a customer there is no progress."""
    shop = open_shop(file(achievement()))
    assert await buy(shop, "s-1", profile="") == []


async def test_progress_may_be_an_amount_or_follow_the_total(open_shop):
    """An effect has a value, by default 1, or a value for each unit of the total."""
    assert [step["delta"] for step in await buy(open_shop(file(achievement(), value=2.5)), "s-1")] == [2.5]
    assert [
        step["delta"] for step in await buy(open_shop(file(achievement(), perUnitOfTotal=0.1)), "s-1", price=7)
    ] == [0.7]


@pytest.mark.parametrize(("capped", "deltas", "progress"), [(False, [2, 2, 2], 6), (True, [2, 1], 3)])
async def test_progress_may_be_capped_by_the_target(open_shop, capped, deltas, progress):
    """Progress continues beyond the target, unless the achievement is capped by it."""
    shop = open_shop(file(achievement(isCappedByTarget=capped), value=2))
    steps = [step for number in range(3) for step in await buy(shop, f"s-{number}")]
    assert [step["delta"] for step in steps] == deltas
    assert (await current(shop))["progress"] == progress


async def test_an_achievement_that_does_not_recur_expires(open_shop):
    """After its period a customer's only try is expired, and no progress counts any more."""
    shop = open_shop(file(achievement(period="7D")))
    await buy(shop, "s-1")
    shop.clock.forward(days=7)
    assert await buy(shop, "s-2") == []
    assert await current(shop) == {
        "status": "expired",
        "progress": 1,
        "startDate": "2026-01-02T03:04:05Z",
        "endDate": "2026-01-09T03:04:05Z",
    }


async def test_an_achievement_recurs_on_expiration(open_shop):
    """After a period another one starts with the next progress, and the history has both, the latest first."""
    shop = open_shop(file(achievement(period="7D", recurrencePolicy="on_expiration", target=2)))
    await buy(shop, "s-1")
    await buy(shop, "s-2")
    shop.clock.forward(days=8)
    assert await current(shop) == {"status": "not_started", "progress": 0}
    assert [step["value"] for step in await buy(shop, "s-3")] == [1]
    found = await history(shop)
    assert [(entry["status"], entry["progress"], entry["startDate"]) for entry in found] == [
        ("inprogress", 1, "2026-01-10T03:04:05Z"),
        ("completed", 2, "2026-01-02T03:04:05Z"),
    ]


async def test_an_achievement_recurs_on_completion(open_shop):
    """What exceeds the target counts for further iterations, each with its own tracker."""
    shop = open_shop(file(achievement(recurrencePolicy="on_completion"), value=7))
    steps = await buy(shop, "s-1")
    assert [(step["progressTrackerId"], step["delta"], step["isJustCompleted"]) for step in steps] == [
        (1, 3, True),
        (2, 3, True),
        (3, 1, False),
    ]
    assert [entry["status"] for entry in await history(shop)] == ["inprogress", "completed", "completed"]


async def test_one_effect_completes_a_limited_number_of_iterations(open_shop):
    """However large a progress is, it starts at most 1000 iterations."""
    shop = open_shop(file(achievement(recurrencePolicy="on_completion", target=1), value=10**9))
    assert len(await buy(shop, "s-1")) == 1000


async def test_a_fixed_schedule_has_the_same_periods_for_all(open_shop):
    """No customer makes progress before its start; after that a period starts at the same time for all customers."""
    schedule = {"activationPolicy": "fixed_schedule", "fixedStartDate": "2026-01-05T00:00:00Z"}
    shop = open_shop(file(achievement(period="7D", recurrencePolicy="on_expiration", **schedule)))
    assert await buy(shop, "s-1") == []
    assert (await shop.http.get(LIST)).json()["totalResultSize"] == 0
    scheduled = (await shop.http.get(LIST, params={"achievementStatus": "scheduled"})).json()["data"]
    assert [entry["status"] for entry in scheduled] == ["scheduled"]
    shop.clock.forward(days=12)
    await buy(shop, "s-2")
    progress = await current(shop)
    assert (progress["startDate"], progress["endDate"]) == ("2026-01-12T00:00:00Z", "2026-01-19T00:00:00Z")


async def test_a_schedule_that_began_long_ago_takes_few_steps(open_shop):
    """Months follow from the start of the schedule, days at its end included, and seconds take no longer than years."""
    schedule = {"activationPolicy": "fixed_schedule", "recurrencePolicy": "on_expiration"}
    shop = open_shop(file(achievement(period="1M", fixedStartDate="2000-10-31T00:00:00Z", **schedule)))
    await buy(shop, "s-1")
    progress = await current(shop)
    assert (progress["startDate"], progress["endDate"]) == ("2025-12-31T00:00:00Z", "2026-01-31T00:00:00Z")
    shop = open_shop(file(achievement(period="2s", fixedStartDate="1970-01-01T00:00:00Z", **schedule)))
    await buy(shop, "s-1")
    progress = await current(shop)
    assert (progress["startDate"], progress["endDate"]) == ("2026-01-02T03:04:04Z", "2026-01-02T03:04:06Z")


async def test_periods_follow_the_time_zone_of_the_application(open_shop):
    """A period ends with the day of the Application's time zone."""
    content = file(achievement(period="1D_U", recurrencePolicy="on_expiration"))
    shop = open_shop(content | {"application": {"timezone": "Asia/Tokyo"}})
    await buy(shop, "s-1")
    assert (await current(shop))["endDate"] == "2026-01-03T14:59:59Z"


async def test_a_dry_call_may_be_about_the_last_days_of_all(open_shop):
    """A period that would end after the year 9999 ends with it."""
    shop = open_shop(file(achievement(period="1M", recurrencePolicy="on_expiration")))
    cart = [{"sku": "coffee", "quantity": 1, "price": 1}]
    session = {"profileId": "ada", "cartItems": cart, "state": "closed"}
    query = {"dry": "true", "now": "9999-12-29T00:00:00Z"}
    response = await shop.http.put("/v2/customer_sessions/s", params=query, json={"customerSession": session})
    assert [props["value"] for props in effects_of(response.json(), INCREASE)] == [1]


async def test_an_achievement_ends(open_shop):
    """After its end date no customer makes progress, it is no longer listed, and the history stays."""
    shop = open_shop(file(achievement(endDate="2026-01-03T00:00:00Z")))
    await buy(shop, "s-1")
    shop.clock.forward(days=1)
    assert await buy(shop, "s-2") == []
    assert (await shop.http.get(LIST)).json() == {"totalResultSize": 0, "data": []}
    assert [entry["status"] for entry in await history(shop)] == ["expired"]


async def cancel(shop, session_id):
    """Cancel a session and return the properties of its roll-backs."""
    return effects_of(await shop.put_session(session_id, state="cancelled"), ROLLBACK)


async def test_progress_of_a_cancelled_session_is_rolled_back(open_shop):
    """A session that is cancelled gives its progress back."""
    shop = open_shop(file(achievement()))
    await buy(shop, "s-1")
    await buy(shop, "s-2")
    assert await cancel(shop, "s-1") == [
        {
            "achievementId": 10,
            "achievementName": "FreeCoffee",
            "progressTrackerId": 1,
            "decreaseProgressBy": 1,
            "currentProgress": 1,
            "target": 3,
        }
    ]
    assert (await current(shop))["progress"] == 1


@pytest.mark.parametrize(
    ("members", "left"),
    [
        ({}, ("completed", 3)),
        ({"allowRollbackAfterCompletion": True}, ("inprogress", 0)),
        ({"allowRollbackAfterCompletion": True, "recurrencePolicy": "on_completion"}, ("completed", 3)),
    ],
)
async def test_a_completed_achievement_is_rolled_back_if_it_allows_that(open_shop, members, left):
    """What completed an achievement is taken back only if it allows that, and never if it recurs on completion."""
    shop = open_shop(file(achievement(**members), value=3))
    await buy(shop, "s-1")
    assert bool(await cancel(shop, "s-1")) is (left[0] == "inprogress")
    progress = await current(shop)
    assert (progress["status"], progress["progress"]) == left
    assert ("completionDate" in progress) is (left[0] == "completed")


MANY = file(
    achievement(title="Free coffee", description="Ten orders", campaignIds=[9, 4], period="1Y"),
    {"id": 2, "name": "Other", "target": 1, "campaignIds": [5]},
    {"id": 3, "name": "Third", "target": 1},
)


async def test_achievements_have_their_definition(open_shop):
    """A list entry has everything that the file says, by ascending ID."""
    shop = open_shop(MANY)
    await shop.put_profile("ada")
    found = (await shop.http.get(LIST)).json()
    assert [entry["id"] for entry in found["data"]] == [2, 3, 10]
    assert found["data"][2] == {
        "id": 10,
        "created": "2026-01-02T03:04:05Z",
        "name": "FreeCoffee",
        "title": "Free coffee",
        "description": "Ten orders",
        "target": 3,
        "period": "1Y",
        "recurrencePolicy": "no_recurrence",
        "activationPolicy": "user_action",
        "allowRollbackAfterCompletion": False,
        "campaignId": 4,
        "campaignIds": [4, 9],
        "referencedByCampaigns": [{"id": 4, "applicationId": 1}, {"id": 9, "applicationId": 1}],
        "status": "active",
        "currentProgress": {"status": "not_started", "progress": 0},
    }
    assert "campaignId" not in found["data"][1]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({"campaignIds": "4,5"}, [2, 10]),
        ({"achievementIds": "3,10"}, [3, 10]),
        ({"campaignIds": "4", "achievementIds": "3"}, []),
        ({"currentProgressStatus": "inprogress"}, [10]),
        ({"currentProgressStatus": "completed,not_started"}, [2, 3]),
        ({"achievementStatus": "scheduled"}, []),
        ({"achievementStatus": "active,scheduled"}, [2, 3, 10]),
        ({"pageSize": "1", "skip": "1"}, [3]),
    ],
)
async def test_achievements_are_filtered_and_paged(open_shop, query, ids):
    """Filters select achievements, and the total counts what they select on all pages."""
    shop = open_shop(MANY)
    await buy(shop, "s-1")
    found = (await shop.http.get(LIST, params=query)).json()
    assert [entry["id"] for entry in found["data"]] == ids
    assert found["totalResultSize"] == (3 if "skip" in query else len(ids))


@pytest.mark.parametrize(
    ("query", "statuses"),
    [
        ({}, ["inprogress", "expired", "completed"]),
        ({"progressStatus": "completed,expired"}, ["expired", "completed"]),
        ({"startDate": "2026-01-05"}, ["inprogress", "expired"]),
        ({"endDate": "2026-01-12T03:04:05Z"}, ["expired", "completed"]),
        ({"pageSize": "1", "skip": "2"}, ["completed"]),
    ],
)
async def test_the_history_is_filtered_and_paged(open_shop, query, statuses):
    """Filters select periods by their status and start."""
    shop = open_shop(file(achievement(target=2, period="7D", recurrencePolicy="on_expiration")))
    await buy(shop, "s-1")
    await buy(shop, "s-2")
    for number in range(2):
        shop.clock.forward(days=10)
        await buy(shop, f"later-{number}")
    assert [entry["status"] for entry in await history(shop, **query)] == statuses


async def test_what_does_not_exist_is_a_404(open_shop):
    """An unknown customer or achievement is a 404, and an ID other than an integer a 400."""
    shop = open_shop(file(achievement()))
    assert (await shop.http.get(LIST)).status_code == 404
    assert (await shop.http.get(f"{LIST}/10")).status_code == 404
    await shop.put_profile("ada")
    assert await history(shop) == []
    assert (await shop.http.get(f"{LIST}/11")).status_code == 404
    assert (await shop.http.get(f"{LIST}/first")).status_code == 400
    assert problem(await shop.http.get(LIST, params={"achievementStatus": "ended"}))[::2] == (400, "achievementStatus")


async def test_states_and_inventories_have_achievements(open_shop):
    """A response that is to contain achievements, and an inventory, have each with the customer's progress."""
    shop = open_shop(MANY)
    cart = [{"sku": "coffee", "quantity": 1, "price": 1}]
    state = await shop.put_session("s-1", ("achievements",), profileId="ada", cartItems=cart, state="closed")
    inventory = await shop.http.get("/v1/customer_profiles/ada/inventory", params={"achievements": "true"})
    shown = {entry["achievementId"]: entry for entry in inventory.json()["achievements"]}
    assert {key: entry["progress"] for key, entry in shown.items()} == {10: 1, 2: 0, 3: 0}
    assert shown[10]["achievementRecurrencePolicy"] == "no_recurrence"
    assert [entry["achievementId"] for entry in state["achievements"]] == list(shown)


async def test_an_erased_customer_leaves_no_progress(open_shop):
    """Erasing a customer removes the progress made, and that of others stays."""
    shop = open_shop(file(achievement()))
    await buy(shop, "s-1")
    await buy(shop, "s-2", profile="bob")
    await shop.http.delete("/v1/customer_data/ada")
    assert [key[1] for key in shop.sandbox.state.achievement_progress] == ["bob"]


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"name": "ten teas"}, "achievements[0].name: must be a letter, followed by letters, digits and underscores"),
        ({"target": 0}, "achievements[0].target: must be above 0"),
        ({"target": None}, "achievements[0].target: is required"),
        ({"recurrencePolicy": "on_expiration"}, "achievements[0].period: is required by on_expiration"),
        ({"period": "a week"}, "achievements[0].period: must be a number and one of"),
        ({"activationPolicy": "fixed_schedule"}, "achievements[0].fixedStartDate: is for fixed_schedule"),
        ({"fixedStartDate": "2026-01-01T00:00:00Z"}, "achievements[0].fixedStartDate: is for fixed_schedule"),
    ],
)
def test_a_mistake_in_an_achievement_is_named(members, message):
    """An achievement that cannot be is reported with its place."""
    with pytest.raises(CampaignFileError) as caught:
        Sandbox(file(achievement(**members)))
    assert str(caught.value).startswith(message)


def test_a_mistake_in_an_effect_is_named():
    """An effect on an unknown achievement, or with two amounts, is reported, and so is an achievement that is twice."""
    for document, message in [
        (file(achievement(), achievementId=11), "unknown achievement"),
        (file(achievement(), value=1, perUnitOfTotal=1), "at most one of value, perUnitOfTotal is allowed"),
        (file(achievement(), achievement()), "achievement 10 exists already"),
    ]:
        with pytest.raises(CampaignFileError, match=message):
            Sandbox(document)


async def test_a_schedule_that_does_not_recur_has_one_period(open_shop):
    """After the only period of a fixed schedule a customer who never started cannot start any more."""
    schedule = {"activationPolicy": "fixed_schedule", "fixedStartDate": "2026-01-01T00:00:00Z"}
    shop = open_shop(file(achievement(period="2D", **schedule)))
    shop.clock.forward(days=1)
    assert await buy(shop, "s-1") == []
    assert await current(shop) == {"status": "not_started", "progress": 0}


async def test_what_was_exceeded_stays_completed(open_shop):
    """A roll-back that leaves the target reached leaves the achievement completed."""
    shop = open_shop(file(achievement(allowRollbackAfterCompletion=True), value=2))
    for number in range(3):
        await buy(shop, f"s-{number}")
    assert [props["currentProgress"] for props in await cancel(shop, "s-0")] == [4]
    assert (await current(shop))["status"] == "completed"


async def test_two_rules_of_an_open_session_build_on_each_other(open_shop):
    """The second rule of an open session announces what comes on top of the first one's progress."""
    document = file(achievement())
    document["campaigns"][0]["rules"] *= 2
    steps = await buy(open_shop(document), "s-1", "open")
    assert [step["value"] for step in steps] == [1, 2]


async def test_progress_of_an_erased_customer_is_not_rolled_back(open_shop):
    """A session that is cancelled after its customer was erased has no progress to take back."""
    shop = open_shop(file(achievement()))
    await buy(shop, "s-1")
    await shop.http.delete("/v1/customer_data/ada")
    assert await cancel(shop, "s-1") == []
