import pytest

from aiotalonone import Outcome, TalonOneError, endpoints
from aiotalonone.demo.meter import OPERATIONS, Meter, Usage


@pytest.mark.parametrize(("percent", "seconds"), [(50, 10.0), (95, 19.0), (100, 20.0)])
def test_a_percentile_is_a_time_that_was_measured(percent, seconds):
    """The nearest rank, no interpolation."""
    assert Usage([float(n) for n in range(20, 0, -1)]).percentile(percent) == seconds


def test_a_failed_call_is_counted_and_still_fails():
    """Its time counts like any other."""
    meter = Meter()
    with pytest.raises(TalonOneError), meter.measuring("trackEvent"):
        raise TalonOneError("409", operation_id="trackEvent", outcome=Outcome.REJECTED)
    assert meter.usage["trackEvent"].failures == 1
    assert meter.usage["trackEvent"].calls == 1


def test_operations_that_nobody_called_are_named():
    """Before any call, every operation of the client is named."""
    meter = Meter()
    assert meter.unused == [operation.operation_id for operation in endpoints.OPERATIONS]
    with meter.measuring("trackEvent"):
        pass
    assert meter.unused == [operation for operation in OPERATIONS if operation != "trackEvent"]
