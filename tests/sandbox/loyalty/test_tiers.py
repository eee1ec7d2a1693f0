"""Tiers without a server: where a history of active points leads."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotalonone.sandbox.loyalty.durations import Duration
from aiotalonone.sandbox.loyalty.program import DowngradePolicy, ExpirationPolicy, LoyaltyProgram, Tier, TierExpiry
from aiotalonone.sandbox.loyalty.standing import ActivePoints
from aiotalonone.sandbox.loyalty.tiers import TierRun

BRONZE, SILVER, GOLD = range(3)
TIERS = (Tier(11, "bronze", Decimal(100)), Tier(12, "silver", Decimal(200)), Tier(13, "gold", Decimal(300)))
START = datetime(2026, 1, 1, tzinfo=UTC)


def day(number):
    """Return a day, counted from the first one."""
    return START + timedelta(days=number)


def program(policy=None, downgrade=DowngradePolicy.BALANCE_BASED, tiers=TIERS, **expiry):
    """Return a program whose tiers expire after 30 days, or do not expire."""
    rule = None
    if policy is not None:
        rule = TierExpiry(policy=policy, expire_in=Duration.parse("30D"), downgrade=downgrade, **expiry)
    return LoyaltyProgram(id=1, name="club", title="Club", tiers=tiers, tier_expiry=rule)


def follow(program, history, until, joined=None):
    """Return where a history of days and points leads by a day: rank, day of the start, day of the expiry."""
    points = [ActivePoints(day(number), Decimal(amount)) for number, amount in history if number <= until]
    tier = TierRun(program, joined).follow(points, day(until))
    return tier.rank, *(None if date is None else (date - START).days for date in (tier.start, tier.expiry))


@pytest.mark.parametrize(
    ("points", "rank"), [(0, -1), (99, -1), (100, BRONZE), (199, BRONZE), (200, SILVER), (300, GOLD), (10_000, GOLD)]
)
def test_tier_reaches_to_the_next_minimum(points, rank):
    """A tier reaches from its minimum to one point below the next one's; the highest has no end."""
    assert follow(program(), [(1, points)], 1)[0] == rank


def test_tier_without_expiry_follows_the_balance():
    """If tiers do not expire, the customer moves down as soon as points are missing."""
    history = [(1, 350), (5, 150), (9, 50)]
    assert [follow(program(), history, number) for number in (1, 4, 5, 9)] == [
        (GOLD, 1, None),
        (GOLD, 1, None),
        (BRONZE, 5, None),
        (-1, None, None),
    ]


@pytest.mark.parametrize(
    ("downgrade", "after"), [(DowngradePolicy.ONE_DOWN, SILVER), (DowngradePolicy.BALANCE_BASED, BRONZE)]
)
def test_expired_tier_is_left_one_down_or_by_balance(downgrade, after):
    """A tier is kept until it expires, and then left for the one below, or for that of the balance."""
    shop, history = program(ExpirationPolicy.TIER_START_DATE, downgrade), [(1, 350), (5, 150)]
    assert follow(shop, history, 30) == (GOLD, 1, 31)
    assert follow(shop, history, 31) == (after, 31, 61)


def test_one_down_goes_on_until_the_points_suffice():
    """One tier is lost at each expiry, as long as its points are missing, down to no tier."""
    shop = program(ExpirationPolicy.TIER_START_DATE, DowngradePolicy.ONE_DOWN)
    ranks = [follow(shop, [(0, 350), (5, 10)], number)[0] for number in (29, 30, 60, 90, 1000)]
    assert ranks == [GOLD, SILVER, BRONZE, -1, -1]


def test_upgrade_does_not_wait():
    """A higher tier is entered at once, and its time starts there."""
    assert follow(program(ExpirationPolicy.TIER_START_DATE), [(1, 100), (10, 250)], 12) == (SILVER, 10, 40)


def test_enough_points_renew_a_tier():
    """At its expiry a tier whose points are still there is kept for another time, from the same start."""
    assert follow(program(ExpirationPolicy.TIER_START_DATE), [(1, 220)], 95) == (SILVER, 1, 121)


def test_expiry_is_counted_from_joining():
    """By the join date, tiers expire every thirty days after the customer joined."""
    shop = program(ExpirationPolicy.PROGRAM_JOIN_DATE)
    assert follow(shop, [(50, 100)], 50, joined=day(0)) == (BRONZE, 50, 60)


def test_a_tier_before_joining_is_counted_from_its_start():
    """A customer who joins after the first points, and asks for it, has a tier from these points on."""
    assert follow(program(ExpirationPolicy.PROGRAM_JOIN_DATE), [(5, 100)], 5, joined=day(9)) == (BRONZE, 5, 35)


@pytest.mark.parametrize(("cycle_start", "expiry"), [(day(45), 45), (day(-10), 20), (day(3), 33)])
def test_absolute_expiry_follows_the_cycle(cycle_start, expiry):
    """By the cycle, tiers expire at its start and every thirty days after it."""
    shop = program(ExpirationPolicy.ABSOLUTE_EXPIRATION, cycle_start=cycle_start)
    assert follow(shop, [(5, 100)], 5) == (BRONZE, 5, expiry)


def test_lowest_tier_may_ask_for_nothing():
    """A tier from 0 points is everybody's, and its time starts with the first points."""
    shop = program(ExpirationPolicy.TIER_START_DATE, tiers=(Tier(1, "basic", Decimal(0)), *TIERS))
    assert follow(shop, [], 9) == (0, None, None)
    assert follow(shop, [(2, 5)], 9) == (0, 2, 32)


def test_projection_says_what_the_expiry_leads_to():
    """A projected tier tells what is missing to stay, or that nothing is."""
    run = TierRun(program(ExpirationPolicy.TIER_START_DATE), None)
    run.follow([ActivePoints(day(1), Decimal(250))], day(2))
    lost, kept = run.project(Decimal(150)), run.project(Decimal(250))
    assert (lost.tier, lost.missing) == (TIERS[BRONZE], 50)
    assert (kept.tier, kept.missing) == (TIERS[SILVER], None)


HISTORIES = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 400)), max_size=8).map(sorted)
PROGRAMS = st.builds(
    program,
    st.none() | st.sampled_from((ExpirationPolicy.TIER_START_DATE, ExpirationPolicy.PROGRAM_JOIN_DATE)),
    st.sampled_from(DowngradePolicy),
)


@given(PROGRAMS, HISTORIES, st.integers(200, 300))
def test_tier_is_never_below_the_balance(shop, history, until):
    """Whatever the policies are, the tier is at least that of the active points, and expires later than now."""
    rank, _, expiry = follow(shop, history, until, joined=day(0))
    active = history[-1][1] if history else 0
    assert rank >= sum(tier.min_points <= active for tier in TIERS) - 1
    assert expiry is None or expiry > until
