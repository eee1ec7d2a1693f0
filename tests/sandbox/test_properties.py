"""What holds after any sequence of requests: counters agree with closed sessions, and nothing is spent twice."""

import asyncio
from collections import Counter, defaultdict
from copy import deepcopy
from decimal import Decimal

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiotalonone.sandbox import Sandbox
from aiotalonone.sandbox.loyalty.standing import Balance
from tests.sandbox.support import campaign, rule

CUSTOMERS = ("ann", "bob", "cem")
SESSIONS = ("s1", "s2", "s3", "s4")
COUPONS = ("FREE", "ONCE", "TWICE", "MINE", "HELD", "PAIR", "NOPE")
CARTS = (
    [],
    [{"sku": "tea", "quantity": 3, "price": 0.7}],
    [{"sku": "cake", "quantity": 1, "price": 19.99}, {"sku": "tea", "quantity": 2, "price": 4}],
)
COUPON, REFERRAL = {"type": "couponIsValid"}, {"type": "referralIsValid"}
OFF_ALL = {"type": "setDiscount", "name": "all", "percent": 30}
OFF_TEA = {"type": "setDiscountPerItem", "name": "tea", "value": 1, "skus": ["tea"]}
POINTS = {"type": "addLoyaltyPoints", "programId": 5, "value": 5}
SPENT = {"type": "deductLoyaltyPoints", "programId": 5, "value": 3}
GIFTS = ({"type": "awardGiveaway", "poolId": 3}, {"type": "couponCreated", "prefix": "THX-"})


def file(**assumptions):
    """Return a campaign file in which every kind of code, budget and reward takes part."""
    shop = campaign(
        rule([COUPON], OFF_ALL, OFF_TEA),
        rule([COUPON], POINTS),
        rule([{"type": "cartHasItem", "skus": ["cake"]}], *GIFTS),
        rule([{"type": "cartHasItem", "skus": ["tea"]}], SPENT),
        rule([{"type": "event", "eventType": "visit"}], POINTS),
        coupons=(
            {"value": "FREE"},
            {"value": "ONCE", "usageLimit": 1},
            {"value": "TWICE", "usageLimit": 2},
            {"value": "MINE", "recipientIntegrationId": "ann"},
            {"value": "HELD", "isReservationMandatory": True, "usageLimit": 1},
        ),
    )
    friends = campaign(rule([REFERRAL], OFF_ALL), id=2)["campaigns"]
    pairs = campaign(rule([COUPON, REFERRAL], POINTS), coupons=({"value": "PAIR"},), id=3)["campaigns"]
    pools = [{"id": 3, "name": "mugs", "codes": ["MUG1", "MUG2"]}]
    club = {"id": 5, "name": "club", "returnPolicy": "unlimited"}
    return {
        **shop,
        "loyaltyPrograms": [club],
        "giveawayPools": pools,
        "campaigns": [*shop["campaigns"], *friends, *pairs],
        "assumptions": assumptions,
    }


def members(values=lambda strategy: strategy):
    """Draw the members of a session, each as it is or made optional."""
    return {
        "profileId": values(st.sampled_from(("", *CUSTOMERS))),
        "couponCodes": values(st.lists(st.sampled_from(COUPONS), max_size=3)),
        "referral": values(st.sampled_from((0, 0, 0, 1, 2, 3))),
        "cartItems": values(st.sampled_from(CARTS)),
    }


def left_out_or(strategy):
    """Draw a member's value, or None for a member that is left out."""
    return st.one_of(st.none(), strategy)


STATES = st.sampled_from(("open", "closed", "cancelled"))
UPDATE = st.fixed_dictionaries({**members(left_out_or), "state": left_out_or(STATES)})
PURCHASE = st.fixed_dictionaries({**members(), "state": st.just("closed")})
USUAL = (
    st.tuples(st.just("buy"), PURCHASE),
    st.tuples(st.just("cancel"), st.integers(0, 20)),
    st.tuples(st.just("reopen"), st.integers(0, 20)),
    st.tuples(st.just("give_back"), st.integers(0, 20), st.integers(0, 1), st.integers(1, 3)),
    st.tuples(st.just("update"), st.sampled_from(SESSIONS), UPDATE, st.booleans()),
)
RARE = (
    st.tuples(st.just("refer"), st.sampled_from((2, 3)), st.sampled_from(CUSTOMERS)),
    st.tuples(st.just("reserve"), st.just("HELD"), st.sampled_from(CUSTOMERS)),
    st.tuples(st.just("visit"), st.sampled_from(SESSIONS)),
    st.tuples(st.just("erase"), st.sampled_from(CUSTOMERS)),
)
STEPS = st.lists(st.one_of(*USUAL, *USUAL, *USUAL, *RARE), min_size=10, max_size=30)
FIRST_STEPS = (("refer", 2, "dan"), ("refer", 3, "dan"), ("reserve", "HELD", "bob"))
"""So that every run has codes of all kinds."""


class Run:
    """A sandbox that random steps are sent to, and what its responses gave away."""

    def __init__(self, http, sandbox):
        self._http = http
        self.state = sandbox.state
        self.now = lambda: sandbox.now
        self.created: set[str] = set()
        self.awarded: set[int] = set()
        self.kept: set[int] = set()
        """Giveaways of sessions that were reopened."""

    async def step(self, kind, *given_values):
        """Send a request; one that fails or is dry changes nothing."""
        before = deepcopy(self.state)
        response = await getattr(self, kind)(*given_values)
        assert response.status_code < 500
        is_dry = "dry" in response.request.url.params
        if is_dry or response.is_error:
            assert self.state == before
        elif kind in {"buy", "update"}:
            effects = [(one["effectType"], one["props"]) for one in response.json()["effects"]]
            self.created |= {props["value"] for effect, props in effects if effect == "couponCreated"}
            self.awarded |= {props["giveawayId"] for effect, props in effects if effect == "awardGiveaway"}

    async def update(self, session_id, members, is_dry):
        """Update a session with the members that are not left out."""
        body = {name: value for name, value in members.items() if name != "referral" and value is not None}
        if members["referral"] is not None:
            codes = [*self.state.referrals, "NOPE"]
            body["referralCode"] = codes[members["referral"] % len(codes)]
        query = {"dry": "true"} if is_dry else {}
        return await self._http.put(f"/v2/customer_sessions/{session_id}", params=query, json={"customerSession": body})

    async def buy(self, members):
        """Close a session of its own."""
        return await self.update(f"bought {len(self.state.sessions)}", members, is_dry=False)

    async def cancel(self, number):
        """Cancel a closed session, if there is one."""
        body = {"customerSession": {"state": "cancelled"}}
        return await self._http.put(f"/v2/customer_sessions/{self._closed(number)}", json=body)

    async def reopen(self, number):
        """Reopen a closed session, if there is one without returns."""
        session_id = self._closed(number)
        effects = self.state.sessions[session_id].effects if session_id in self.state.sessions else ()
        response = await self._http.put(f"/v2/customer_sessions/{session_id}/reopen")
        if response.is_success:
            self.kept |= {one.props["giveawayId"] for one in effects if one.type == "awardGiveaway"}
        return response

    async def give_back(self, number, position, quantity):
        """Return units of a closed session, if there is one with so many."""
        lines = {"returnedCartItems": [{"position": position, "quantity": quantity}]}
        return await self._http.post(f"/v2/customer_sessions/{self._closed(number)}/returns", json={"return": lines})

    def _closed(self, number):
        closed = [one.integration_id for one in self.state.sessions.values() if one.was_closed] or ["none"]
        return closed[number % len(closed)]

    async def refer(self, campaign_id, advocate):
        """Create a referral code."""
        return await self._http.post(
            "/v1/referrals", json={"campaignId": campaign_id, "advocateProfileIntegrationId": advocate, "usageLimit": 2}
        )

    async def reserve(self, coupon, customer):
        """Reserve a coupon."""
        return await self._http.post(f"/v1/coupon_reservations/{coupon}", json={"integrationIDs": [customer]})

    async def visit(self, session_id):
        """Track an event."""
        return await self._http.post("/v1/events", json={"type": "visit", "sessionId": session_id, "attributes": {}})

    async def erase(self, customer):
        """Erase a customer."""
        return await self._http.delete(f"/v1/customer_data/{customer}")


async def check(steps, assumptions, invariants):
    """Send all steps to a new sandbox and check the invariants after each."""
    sandbox = Sandbox(file(**assumptions))
    headers = {"Authorization": "ApiKey-v1 sandbox-key"}
    transport = httpx.ASGITransport(sandbox.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox", headers=headers) as http:
        run = Run(http, sandbox)
        for one in (*FIRST_STEPS, *steps):
            await run.step(*one)
            for invariant in invariants:
                invariant(run)


def given_by(state, *, effect_type):
    """Yield customer and properties of each effect of the closed sessions."""
    for session in state.sessions.values():
        if session.was_closed:
            yield from ((session.profile_id, one.props) for one in session.effects if one.type == effect_type)


def coupons_agree(run):
    """A coupon is redeemed as often as closed sessions accepted it, by their customers, and within its limit."""
    due = defaultdict(Counter)
    for customer, props in given_by(run.state, effect_type="acceptCoupon"):
        due[props["value"]][customer] += 1
    for coupon in run.state.coupons.values():
        assert coupon.redemptions == due[coupon.value]
        assert min(coupon.redemptions.values(), default=1) > 0
        assert not coupon.usage_limit or coupon.usage_counter <= coupon.usage_limit
    assert run.created <= run.state.coupons.keys()


def referrals_agree(run):
    """A code has the friends of the closed sessions that accepted it, and each friend once in its campaign."""
    due, friends = defaultdict(Counter), defaultdict(Counter)
    for customer, props in given_by(run.state, effect_type="acceptReferral"):
        due[props["value"]][customer] += 1
        friends[run.state.referrals[props["value"]].campaign_id][customer] += 1
    for referral in run.state.referrals.values():
        assert Counter(referral.referred) == due[referral.code]
        assert referral.usage_counter <= referral.usage_limit
    for referred in friends.values():
        assert all(count == 1 for customer, count in referred.items() if customer)
    for profile in run.state.profiles.values():
        assert profile.referred_by == {key for key, referred in friends.items() if referred[profile.integration_id]}


def customers_agree(run):
    """A customer's closed sessions, sales and points are those of their closed sessions and events."""
    closed, sales, points = Counter(), defaultdict(Decimal), defaultdict(Decimal)
    for session in run.state.sessions.values():
        if session.was_closed:
            closed[session.profile_id] += 1
            sales[session.profile_id] += sum(
                item.price * (item.quantity - session.returned_units[position])
                for position, item in enumerate(session.cart_items)
            )
    for customer, props in given_by(run.state, effect_type="addLoyaltyPoints"):
        points[customer] += props["value"]
    for customer, props in given_by(run.state, effect_type="deductLoyaltyPoints"):
        points[customer] -= props["value"]
    for event in run.state.events.values():
        points[event.profile_id] += sum(one.props["value"] for one in event.effects)
    for profile in run.state.profiles.values():
        name = profile.integration_id
        assert (profile.closed_sessions, profile.total_sales) == (closed[name], sales[name])
        account = run.state.loyalty_accounts.get((5, name))
        held = account.read("").standing(run.now()).balance if account else Balance()
        assert held.active - held.negative == points[name]


def giveaways_agree(run):
    """A giveaway is awarded once, and stays so after a cancellation."""
    assert {one.id for one in run.state.giveaways.values() if one.used} == run.awarded


def returned_giveaways_agree(run):
    """Only the giveaways of sessions that are closed, or were reopened, are in use."""
    held = Counter(props["giveawayId"] for _, props in given_by(run.state, effect_type="awardGiveaway"))
    assert held + Counter(run.kept) == Counter(one.id for one in run.state.giveaways.values() if one.used)


def discounts_stay_within_prices(run):
    """No session and no unit is discounted by more than its price."""
    for session in run.state.sessions.values():
        units = defaultdict(Decimal)
        taken = Decimal(0)
        for effect in session.effects:
            if effect.type in {"setDiscount", "setDiscountPerItem"}:
                assert effect.props["value"] > 0
                taken += effect.props["value"]
            if effect.type == "setDiscountPerItem":
                units[effect.props["position"], effect.props["subPosition"]] += effect.props["value"]
        assert session.state == "cancelled" or taken <= session.total
        assert all(off <= session.cart_items[position].price for (position, _), off in units.items())
        returned = session.returned_units
        assert session.state == "cancelled" or all(unit >= returned[position] for position, unit in units)
        assert all(0 <= returned[position] <= item.quantity for position, item in enumerate(session.cart_items))


COMMON = (coupons_agree, referrals_agree, customers_agree, discounts_stay_within_prices)


@pytest.mark.parametrize(
    ("assumptions", "giveaways"),
    [
        ({}, giveaways_agree),
        ({"cancellationReturnsGiveaways": True, "anonymousFriends": False}, returned_giveaways_agree),
        ({"sessionsStartCancelled": True, "dryCloseUsesStoredSession": True}, giveaways_agree),
    ],
    ids=["defaults", "giveaways return", "sessions start cancelled"],
)
def test_counters_agree_after_any_requests(assumptions, giveaways):
    """Counters agree with closed sessions after updates, returns, cancellations, reopenings, events, erasures."""

    @settings(deadline=None, max_examples=40)
    @given(STEPS)
    def hold(steps):
        asyncio.run(check(steps, assumptions, (*COMMON, giveaways)))

    hold()
