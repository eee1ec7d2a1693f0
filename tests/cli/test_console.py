import pytest

from aiotalonone.bulk import Snapshot
from aiotalonone.cli.console import describe_progress, format_duration


def snapshot(**figures):
    defaults = {"records": 0, "accepted": 0, "rejected": 0, "total": None, "seconds": 1.0, "rate": 0.0, "eta": None}
    return Snapshot(**(defaults | figures), concurrency=4, p50=None, p95=None, requests=0, retries=0)


@pytest.mark.parametrize(
    ("figures", "line"),
    [
        ({}, "0, 0/s"),
        ({"accepted": 1200, "total": 5000, "rate": 1234.5, "eta": 3.1}, "1,200 of ~5,000, 1,234/s, ~3 s left"),
        ({"accepted": 1200, "rejected": 34, "total": 1000}, "1,234 of 1,234, 34 rejected, 0/s"),
        ({"records": 5000, "accepted": 1200, "total": 5000}, "1,200 of 5,000, 0/s"),
    ],
)
def test_progress_of_a_job(figures, line):
    """The progress line marks estimates, and its total is none once all records are read, or if they exceed it."""
    assert describe_progress(snapshot(**figures)) == line


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.44, "0.4 s"), (1.2, "1 s"), (59.6, "1 min 0 s"), (61, "1 min 1 s"), (7500, "2 h 5 min")]
)
def test_format_of_a_duration(seconds, text):
    """A duration is rounded to seconds, below one to tenths, and from an hour on to minutes."""
    assert format_duration(seconds) == text


def test_known_total_is_not_marked():
    """A total that is known is not marked as an estimate."""
    assert describe_progress(snapshot(accepted=1200, total=5000), is_counted=True) == "1,200 of 5,000, 0/s"
