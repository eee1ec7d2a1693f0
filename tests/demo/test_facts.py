from aiotalonone.demo.facts import differences


def test_equal_facts_do_not_differ():
    """The order in which they were found does not matter."""
    assert differences({("a",): 1, ("b",): 2}, {("b",): 2, ("a",): 1}) == []


def test_a_difference_names_the_fact_and_both_values():
    """Facts that only one side knows are differences, too."""
    found = differences({("till", "total"): 1, ("missing",): 2}, {("till", "total"): 3, ("unasked",): 4})
    assert [str(one) for one in found] == [
        "till / total: expected 1, observed 3",
        "missing: expected 2, observed nothing",
        "unasked: expected nothing, observed 4",
    ]
