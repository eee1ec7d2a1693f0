"""The fault file: a JSON list that scripts faults, on disk or in a request."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import orjson

from aiotalonone.sandbox.faults.script import Fault, Script
from aiotalonone.sandbox.reading import Members, UnfitError, dotted

NAMES = tuple(fault.value for fault in Fault)


class FaultFileError(ValueError):
    """The fault file cannot be used; the message names the place."""


def load_faults(file: Path | str, operation_ids: Collection[str]) -> list[Script]:
    """Reads a file.

    Raises:
        FaultFileError: The file is no JSON list or something in it does not fit.
    """
    try:
        return read_faults(orjson.loads(Path(file).read_bytes()), operation_ids)
    except (OSError, orjson.JSONDecodeError) as error:
        raise FaultFileError(f"{file}: {error}") from error
    except UnfitError as unfit:
        place = dotted(unfit.path)
        raise FaultFileError(f"{place}: {unfit.text}" if place else unfit.text) from None


def read_faults(entries: Any, operation_ids: Collection[str]) -> list[Script]:
    """Reads the parsed list.

    Raises:
        UnfitError: It is no list, or an entry does not fit.
    """
    if not isinstance(entries, list):
        raise UnfitError((), "must be a list")
    return [_script(Members(entry, (index,)), operation_ids) for index, entry in enumerate(entries)]


def _script(members: Members, operation_ids: Collection[str]) -> Script:
    operation_id = members.required_text("operationId")
    if operation_id not in operation_ids:
        raise members.unfit("operationId", f"there is no operation {operation_id!r}")
    members.required_text("fault")
    fault = Fault(members.choice("fault", NAMES))
    calls = members.integers("calls") if "calls" in members else (1,)
    seconds = members.amount("seconds")
    try:
        return Script(
            operation_id,
            fault,
            calls,
            members.integer("every"),
            1.0 if seconds is None else float(seconds),
        )
    except UnfitError:
        raise
    except ValueError as error:
        raise UnfitError(members.path, str(error)) from None
