"""What is measured, one module for each subject."""

from importlib import import_module
from typing import Final

from benchmarks.workloads.workload import Workload

SUBJECTS: Final = ("session", "above_wire", "codec", "cold", "bulk", "storm")


def workloads_of(subject: str) -> tuple[Workload, ...]:
    """Return the workloads of a subject."""
    workloads: tuple[Workload, ...] = import_module(f"{__name__}.{subject}").WORKLOADS
    return workloads


def all_workloads() -> list[Workload]:
    """Return the workloads of all subjects."""
    return [workload for subject in SUBJECTS for workload in workloads_of(subject)]
