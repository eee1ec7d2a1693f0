"""The codec without a network, beside the JSON parser that is under it."""

import gc
import tracemalloc
from collections.abc import Callable
from typing import Any, Final

import orjson

from aiotalonone import codec
from aiotalonone.models import (
    CustomerProfile,
    IntegrationStateV2,
    MultipleCustomerProfileIntegrationRequest,
    MultipleCustomerProfileIntegrationRequestItem,
)
from benchmarks import payloads
from benchmarks.meter import Round, repeated, take_turns
from benchmarks.workloads.workload import Job, Metric, Workload

PROFILES: Final = 1000
BATCHES: Final = 30
CPU: Final = (Metric("cpu", "CPU µs"),)


def measure_structure(job: Job) -> Round:
    """Read a large state."""
    value = orjson.loads(payloads.STATE)
    sides = {
        "structure": repeated(lambda: codec.structure(value, IntegrationStateV2)),
        "decode": repeated(lambda: codec.decode_as("IntegrationStateV2", payloads.STATE)),
        "orjson.loads": repeated(lambda: orjson.loads(payloads.STATE)),
    }
    return take_turns(sides, BATCHES, job.count(50))


def measure_encode(job: Job) -> Round:
    """Write a thousand profiles."""
    profiles = [payloads.profile(number) for number in range(PROFILES)]
    items = [
        MultipleCustomerProfileIntegrationRequestItem(
            integration_id=profile["integrationId"], attributes=profile["attributes"]
        )
        for profile in profiles
    ]
    request = MultipleCustomerProfileIntegrationRequest(customer_profiles=items)
    value = orjson.loads(codec.encode(request))
    if orjson.dumps(value) != codec.encode(request):
        raise RuntimeError("the two sides do not write the same")
    sides = {
        "encode": repeated(lambda: codec.encode(request)),
        "orjson.dumps": repeated(lambda: orjson.dumps(value)),
    }
    return take_turns(sides, BATCHES, job.count(10))


def measure_memory(job: Job) -> Round:
    """Keep profiles that were read from a response."""
    texts = [orjson.dumps(payloads.customer(number)) for number in range(job.count(2000, minimum=100))]
    sides: dict[str, Callable[[bytes], Any]] = {
        "model": lambda text: codec.structure(orjson.loads(text), CustomerProfile),
        "dict": orjson.loads,
    }
    return {name: {"bytes": _bytes_of(read, texts)} for name, read in sides.items()}


def _bytes_of(read: Callable[[bytes], Any], texts: list[bytes]) -> float:
    """Return how many bytes a value takes that was read and is kept."""
    read(texts[0])  # what is made once is not counted
    gc.collect()
    tracemalloc.start()
    kept = [read(text) for text in texts]
    gc.collect()
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return size / len(kept)


WORKLOADS: Final = (
    Workload(
        "structure",
        "Reading a state of 31 KB with 50 effects",
        {"orjson.loads": "dicts", "structure": "dicts to models", "decode": "bytes to models"},
        CPU,
        measure_structure,
        together=True,
    ),
    Workload(
        "encode",
        "Writing 1,000 profiles",
        {"orjson.dumps": "dicts", "encode": "models"},
        CPU,
        measure_encode,
        together=True,
    ),
    Workload(
        "memory",
        "Keeping a customer profile",
        {"dict": "dicts", "model": "models"},
        (Metric("bytes", "bytes"),),
        measure_memory,
        together=True,
    ),
)
