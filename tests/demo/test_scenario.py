from datetime import date


def test_a_day_with_redemptions_and_purchases_is_one_session(scenario):
    """All codes of the day, in the order in which they were redeemed."""
    assert [(one.session_id, one.codes) for one in scenario.checkouts] == [
        ("1-2017-01-05", ("9001-1", "9002-1", "9003-2")),
        ("2-2017-02-03", ("9003-2",)),
        ("3-2017-03-02", ("9002-1",)),
    ]


def test_redemptions_on_days_without_purchases_are_counted_apart(scenario):
    """Lines without a quantity, household 3's in January, are no purchase."""
    assert [(one.household, one.code, one.day) for one in scenario.stray] == [
        ("1", "9001-1", date(2017, 2, 3)),
        ("1", "9002-1", date(2017, 2, 3)),
        ("2", "9001-1", date(2017, 3, 2)),
        ("3", "9003-2", date(2017, 1, 5)),
    ]


def test_only_coupons_that_were_never_redeemed_in_a_basket_are_released(scenario):
    """Household 1 redeemed its stray coupons on another day."""
    assert scenario.released == {"9001-1": ("2",), "9003-2": ("3",)}


def test_the_best_customers_recommend_those_who_never_redeemed(scenario):
    """Ranked by redemptions, then by number; the friend comes with its first basket."""
    assert [(one.advocate, one.friend, one.checkout.session_id) for one in scenario.recommendations] == [
        ("1", "4", "4-2017-01-05"),
        ("2", "5", "5-2017-02-03"),
        ("3", "6", "6-2017-02-03"),
    ]


def test_the_household_that_redeemed_most_is_forgotten(scenario):
    """Its erasure leaves the most traces to be found missing."""
    assert scenario.erased == "1"


def test_audiences_follow_from_demographics(scenario):
    """Household 1 has children, household 3 is over 65; nobody is guessed at."""
    assert scenario.audiences == {"1": (1,), "3": (2,)}


def test_a_code_is_held_by_whoever_redeemed_it(scenario):
    """Several redemptions by one household are one reservation."""
    assert scenario.holders == {"9001-1": {"1", "2"}, "9002-1": {"1", "3"}, "9003-2": {"1", "2", "3"}}
