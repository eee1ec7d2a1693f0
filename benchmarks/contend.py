"""``python -m benchmarks.contend JOB``: measure one contender in one round; print its samples as JSON.

Only the modules of the job's subject are imported, so that a first call is that of a fresh process.
"""

import json
import sys
from typing import Any

from benchmarks import cores
from benchmarks.workloads import workloads_of
from benchmarks.workloads.workload import Job


def main(job: Job) -> dict[str, Any]:
    """Return the samples, or why they are missing."""
    cores.pin(job.core)
    try:
        (workload,) = (known for known in workloads_of(job.subject) if known.name == job.workload)
        return {"round": workload.measure(job)}
    except ModuleNotFoundError as error:
        return {"not_supported": f"{error.name} is not installed"}


if __name__ == "__main__":
    print(json.dumps(main(Job(**json.loads(sys.argv[1])))))
