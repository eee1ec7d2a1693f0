"""What a job that something stopped raises."""

from aiotalonone.bulk.report import Report
from aiotalonone.bulk.run import AllRecordsRejectedError, Run
from aiotalonone.errors import Outcome, ResponseDecodeError, TalonOneError
from aiotalonone.pipeline.outcome import combine_outcomes


class JobStoppedError(TalonOneError):
    """A job ended before all of its records were processed: the API rejects every call or record, or cannot be reached.

    Attributes:
        report: The figures of the job.
        reason: Why it stopped, without personal data.
        outcome: The worst that is known of the records not attempted: attempts of all requests in flight count.
        __cause__: The error of that request.
    """

    report: Report
    reason: str


def raise_failure(run: Run, report: Report, operation_id: str) -> None:
    """Raise what stopped a run, if anything did.

    Raises:
        JobStoppedError: The API stopped it.
        Exception: The source or a file stopped it; a note has the figures.
    """
    failure = run.failure
    if isinstance(failure, (TalonOneError, AllRecordsRejectedError)):
        raise _stopped(report, failure, run.outcome, operation_id) from failure
    if failure is not None:
        failure.add_note(f"before this, {report.accepted} records were accepted and {report.rejected} rejected")
        raise failure


def _stopped(report: Report, failure: Exception, outcome: Outcome, operation_id: str) -> JobStoppedError:
    """Return the error of a job that a failure stopped; ``outcome`` is that of its other requests."""
    outcome = combine_outcomes(outcome, getattr(failure, "outcome", Outcome.REJECTED))
    return job_stopped(report, _reason(failure), operation_id, outcome)


def job_stopped(report: Report, reason: str, operation_id: str, outcome: Outcome) -> JobStoppedError:
    """Return the error of a job that stopped for a reason."""
    summary = f"the job {report.job!r} stopped: {reason}; records not attempted: {report.not_attempted}"
    error = JobStoppedError(summary, operation_id, outcome)
    error.report, error.reason = report, reason
    return error


def _reason(failure: Exception) -> str:
    line = str(failure.args[0])
    return f"{line}: {failure.reason}" if isinstance(failure, ResponseDecodeError) else line
