import pytest

from aiotalonone.bulk import Snapshot
from aiotalonone.cli.screen import duration, figures


def snapshot(**figures):
    usual = {"records": 0, "accepted": 0, "rejected": 0, "total": None, "seconds": 1.0, "rate": 0.0, "eta": None}
    return Snapshot(**(usual | figures), concurrency=4, p50=None, p95=None, requests=0, retries=0)


@pytest.mark.parametrize(
    ("figure", "line"),
    [
        ({}, "0, 0/s"),
        ({"accepted": 1200, "total": 5000, "rate": 1234.5, "eta": 3.1}, "1,200 of 5,000, 1,234/s, 3 s left"),
        ({"accepted": 1200, "rejected": 34, "total": 1000}, "1,234 of 1,234, 34 rejected, 0/s"),
    ],
)
def test_how_far_a_job_has_come(figure, line):
    """An estimate never promises less than there is already."""
    assert figures(snapshot(**figure)) == line


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59.6, "1 min 0 s"), (61, "1 min 1 s"), (7500, "2 h 5 min")]
)
def test_a_time_as_people_say_it(seconds, text):
    """Nobody counts in seconds alone."""
    assert duration(seconds) == text
