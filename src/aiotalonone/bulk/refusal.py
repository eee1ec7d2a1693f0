"""What a refusal says of the records that were sent."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from aiotalonone.bulk.rejects import Reject
from aiotalonone.codec import encode
from aiotalonone.errors import APIStatusError, ErrorDetail
from aiotalonone.pipeline.masking import private_values, redact
from aiotalonone.pipeline.response import phrase


def named_items(refusal: APIStatusError, collection: str, size: int) -> Mapping[int, Sequence[ErrorDetail]]:
    """The details of each record that the refusal points at, by its place in the request."""
    named: dict[int, list[ErrorDetail]] = {}
    for detail in refusal.errors:
        found = re.match(rf"/?{collection}/([0-9]{{1,4}})(?=/|$)", detail.pointer or "")
        if found and int(found[1]) < size:
            named.setdefault(int(found[1]), []).append(detail)
    return named


def reject_of(
    refusal: APIStatusError, position: int, record: Any, collection: str, details: Sequence[ErrorDetail]
) -> Reject:
    """The record that was refused, and what the API says of it."""
    message = "; ".join(dict.fromkeys([refusal.message, *filter(None, map(_text, details))]))
    pointers = (re.sub(rf"^/?{collection}/[0-9]+", "", detail.pointer) for detail in details if detail.pointer)
    return Reject(
        position=position,
        record=record,
        message=message,
        masked=redact(message, private_values(encode(record))) or phrase(refusal.status),
        status=refusal.status,
        pointer=next(pointers, None),
    )


def _text(detail: ErrorDetail) -> str:
    return ": ".join(dict.fromkeys(filter(None, [detail.title, detail.details])))
