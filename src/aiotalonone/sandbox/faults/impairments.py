"""Faults of the way: what each does to a request that is applied or not, and to its answer."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.responses import HTMLResponse
from starlette.types import Message

from aiotalonone.sandbox.app import BEFORE_COMMIT
from aiotalonone.sandbox.faults.encounter import DroppedError, Encounter, NobodyReadsError, departure
from aiotalonone.sandbox.faults.script import Fault

SURPLUS = "aiotalonone.sandbox.surplus"
"""Where a message with a body may hold bytes beyond the content length."""

PAGE = "<!doctype html><title>Welcome</title><p>Please sign in to this network.</p>"
PIECE = 8


async def _refuse(_: Encounter) -> None:
    raise NobodyReadsError("nobody reads from this connection")


async def _drop_before_reading(_: Encounter) -> None:
    raise DroppedError("dropped before the request was read")


async def _never_answer(encounter: Encounter) -> None:
    await departure(encounter.receive)


async def _drop_after_commit(encounter: Encounter) -> None:
    await encounter.answer()
    raise DroppedError("dropped before the answer")


async def _half_a_body(encounter: Encounter) -> None:
    start, body = await encounter.answer()
    if body:
        await encounter.send(start)
        await encounter.send(_piece(body[: len(body) // 2]))
    raise DroppedError("dropped in the middle of the answer")


async def _trickle(encounter: Encounter) -> None:
    start, body = await encounter.answer()
    await encounter.send(start)
    for begin in range(0, len(body), PIECE):
        await encounter.send(_piece(body[begin : begin + PIECE]))
        await encounter.pause()
    await encounter.send({"type": "http.response.body"})


async def _wrong_content_length(encounter: Encounter) -> None:
    start, body = await encounter.answer()
    half = len(body) // 2
    headers = [(name, str(half).encode() if name == b"content-length" else value) for name, value in start["headers"]]
    await encounter.send({**start, "headers": headers})
    await encounter.send({**_piece(body[:half]), SURPLUS: body[half:]})
    await encounter.send({"type": "http.response.body"})


async def _not_json(encounter: Encounter) -> None:
    await encounter.answer()
    await HTMLResponse(PAGE)(encounter.scope, encounter.receive, encounter.send)


async def _slow_commit(encounter: Encounter) -> None:
    scope = {**encounter.scope, BEFORE_COMMIT: encounter.pause}
    await encounter.application(scope, encounter.receive, encounter.send)


IMPAIRMENTS: Mapping[Fault, Callable[[Encounter], Awaitable[None]]] = {
    Fault.REFUSE: _refuse,
    Fault.DROP_BEFORE_READING: _drop_before_reading,
    Fault.NEVER_ANSWER: _never_answer,
    Fault.DROP_AFTER_COMMIT: _drop_after_commit,
    Fault.HALF_A_BODY: _half_a_body,
    Fault.TRICKLE: _trickle,
    Fault.WRONG_CONTENT_LENGTH: _wrong_content_length,
    Fault.NOT_JSON: _not_json,
    Fault.SLOW_COMMIT: _slow_commit,
}


def _piece(body: bytes) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": True}
