"""The retry budget: a reserve, and one repetition for each success."""

from aiotalonone.pipeline.budget import RetryBudget


def test_the_reserve_is_spent_once():
    """During an outage nothing succeeds, and repetitions end."""
    budget = RetryBudget(3)
    assert [budget.take() for _ in range(5)] == [True, True, True, False, False]


def test_a_success_pays_for_a_repetition():
    """Beyond the reserve, an API is never asked more than twice for what it answers once."""
    budget = RetryBudget(1)
    assert budget.take()
    for _ in range(100):
        budget.give_back()
        assert budget.take()
        assert not budget.take()


def test_it_never_holds_more_than_its_reserve():
    """A good day does not pay for a storm in the night."""
    budget = RetryBudget(2)
    for _ in range(100):
        budget.give_back()
    assert [budget.take() for _ in range(3)] == [True, True, False]


def test_a_budget_of_nothing_repeats_nothing():
    """0 is a number as any."""
    budget = RetryBudget(0)
    budget.give_back()
    assert not budget.take()


def test_without_a_budget_nothing_is_counted():
    """None means as often as the policy allows."""
    budget = RetryBudget(None)
    assert all(budget.take() for _ in range(1000))
