"""The figures and rejects of a job that many workers have run."""

import json

from hypothesis import given
from hypothesis import strategies as st

from aiotalonone.bulk import Report
from aiotalonone.bulk.cluster.totals import reject_row, total


@st.composite
def reports(draw):
    """Draw the report of a partition."""
    accepted, rejected, not_attempted = (draw(st.integers(0, 4000)) for _ in range(3))
    return Report(
        job="run/1-0",
        records=accepted + rejected + not_attempted,
        accepted=accepted,
        rejected=rejected,
        not_attempted=not_attempted,
        resumed=draw(st.integers(0, accepted + rejected)),
        merged=draw(st.integers(0, accepted)),
        requests=draw(st.integers(0, 10)),
        retries=draw(st.integers(0, 10)),
        seconds=draw(st.floats(0, 10)),
        finished=draw(st.booleans()),
    )


@given(st.lists(reports(), max_size=20), st.integers(0, 1000))
def test_the_figures_add_up(partitions, unsent):
    """Records are those that were accepted, rejected, or not attempted by any worker."""
    report = total("nightly", iter(partitions), unsent=unsent, seconds=3.0, finished=not unsent)
    assert report.records == report.accepted + report.rejected + report.not_attempted
    assert report.not_attempted == unsent + sum(one.not_attempted for one in partitions)
    assert report.requests == sum(one.requests for one in partitions)
    assert (report.job, report.seconds, report.finished) == ("nightly", 3.0, not unsent)


def test_a_reject_becomes_a_row():
    """The record is JSON, since rejects of one dataset have records of many shapes."""
    reject = {"position": 7, "status": 400, "message": "no", "pointer": None, "record": {"integrationId": "Zoë"}}
    row = reject_row(reject)
    assert json.loads(row["record"]) == {"integrationId": "Zoë"}
    assert {**row, "record": reject["record"]} == reject
