"""Pictures of one call: its outcome, retries, key, lane and deadline."""

from inspect import signature

from aiotalonone.client import AsyncIntegrationClient
from aiotalonone.errors import Outcome
from aiotalonone.operation import RetrySafety
from aiotalonone.settings import RetryPolicy, Timeouts
from tools.pictures.canvas import Kind, Picture


def outcomes() -> Picture:
    """Draw how the outcome of an attempt follows from what was seen of it."""
    picture = Picture("outcomes", "How a call's outcome follows from what was seen at the wire", 410)
    picture.box((20, 24, 280, 52), "Was a byte of the request written?")
    picture.box((20, 136, 280, 52), "Did the head of a response come?")
    picture.box((20, 262, 280, 52), "Which status?")
    picture.arrow([(160, 76), (160, 134)], "yes", at=(176, 110))
    picture.arrow([(160, 188), (160, 260)], "yes", at=(176, 228))
    leaves: tuple[tuple[float, Outcome, str, Kind], ...] = (
        (18, Outcome.NOT_SENT, "send it again, whatever it was", "plain"),
        (112, Outcome.UNKNOWN, "resume it if it can be, or else look", "warn"),
        (206, Outcome.REJECTED, "correct it, or wait and send it again", "plain"),
        (300, Outcome.APPLIED, "resume it, or read the state", "accent"),
    )
    for y, outcome, advice, kind in leaves:
        picture.box((400, y, 280, 64), outcome.name, advice, kind=kind)
    picture.arrow([(300, 50), (398, 50)], "no")
    picture.arrow([(300, 158), (398, 146)], "no", at=(344, 144))
    picture.arrow([(300, 272), (398, 160)], "5xx, 408, 499", at=(348, 212))
    picture.arrow([(300, 286), (398, 242)], "another", at=(352, 268))
    picture.arrow([(300, 302), (398, 330)], "2xx", at=(346, 320))
    picture.text((350, 394), "Of several attempts, the one that may have done most counts.", style="note")
    return picture


def retries() -> Picture:
    """Draw the way from a failed attempt to the next one, or to the error."""
    policy = RetryPolicy()
    picture = Picture("retries", "When a failed attempt is followed by another", 524)
    left, width, middle = 40, 340, 210
    picture.box((left, 20, width, 44), "an attempt failed")
    picture.box((left, 96, width, 60), "Can a retry help?", "not with an untrusted certificate")
    picture.box(
        (left, 188, width, 60), "May it be sent again?", f"not if it is {RetrySafety.UNSAFE.name} and perhaps done"
    )
    picture.box((left, 280, width, 60), "Is it worth it?", "not sent, lost, 429, 5xx, 408, 425, 499; some 409")
    picture.box((left, 372, width, 60), "Is there room?", f"{policy.attempts} attempts, the deadline, the budget")
    picture.box((left, 464, width, 44), "the next attempt", kind="accent")
    picture.box((480, 188, 200, 152), "the error", "with the outcome of", "all attempts", kind="warn")
    picture.arrow([(middle, 64), (middle, 94)])
    for top in (156, 248, 340, 432):
        picture.arrow([(middle, top), (middle, top + 30)], "yes", at=(middle + 18, top + 19))
    picture.arrow([(380, 126), (580, 126), (580, 186)], "no")
    picture.arrow([(380, 218), (478, 218)], "no")
    picture.arrow([(380, 310), (478, 310)], "no")
    picture.arrow([(380, 402), (580, 402), (580, 342)], "no")
    notes = (
        "after a random pause: up to",
        f"{policy.initial_backoff:g} s, doubled each time, at most {policy.max_backoff:g} s,",
        f"and a Retry-After of at most {policy.max_retry_after:g} s",
    )
    for index, note in enumerate(notes):
        picture.text((394, 472 + index * 17), note, style="note", anchor="start")
    picture.arrow([(left, 486), (16, 486), (16, 42), (left - 2, 42)], dashed=True)
    return picture


def idempotency() -> Picture:
    """Draw a call whose first response is lost."""
    picture = Picture(
        "idempotency", "A lost response: the second attempt has the same key and gets the first response", 366
    )
    lanes = ((90, "your code"), (330, "the client"), (600, "Talon.One"))
    for x, name in lanes:
        picture.box((x - 70, 16, 140, 36), name)
        picture.rule((x, 52), (x, 348))
    picture.arrow([(90, 84), (326, 84)], "close the session", at=(208, 76))
    picture.arrow([(330, 116), (596, 116)], "attempt 1, key 7f3a…", at=(465, 108))
    picture.box((530, 128, 140, 44), "carried out", "response kept, 24 h", kind="accent")
    picture.arrow([(600, 190), (420, 190)], "response", at=(510, 182))
    picture.text((404, 196), "✕ lost", style="warn", anchor="end")
    picture.bar((264, 212, 132, 26), "a random pause", "quiet")
    picture.arrow([(330, 264), (596, 264)], "attempt 2, the same key and body", at=(465, 256))
    picture.arrow([(600, 298), (334, 298)], "the kept response: nothing is done twice", at=(465, 290))
    picture.arrow([(330, 332), (94, 332)], "the result", at=(210, 324))
    return picture


def lanes() -> Picture:
    """Draw updates of two sessions over time."""
    picture = Picture("lanes", "Updates of one session wait for each other, those of another do not", 260)
    rows = (
        ("cart-1: first tab", 150, 0, 140),
        ("cart-1: second tab", 180, 110, 130),
        ("cart-1: a worker", 210, 210, 120),
        ("cart-2", 190, 0, 150),
    )
    for index, (name, start, waits, sends) in enumerate(rows):
        y = 26 + index * 48
        picture.text((16, y + 19), name, style="title", anchor="start")
        if waits:
            picture.bar((start, y, waits, 28), "waits in its lane", "quiet")
        picture.bar((start + waits, y, sends, 28), "in flight", "accent")
    picture.arrow([(150, 226), (684, 226)])
    picture.text((684, 246), "time", style="note", anchor="end")
    picture.text((16, 246), "Each session and each profile has a lane of its own.", style="note", anchor="start")
    return picture


def deadlines() -> Picture:
    """Draw what counts towards a call's deadline."""
    times = Timeouts()
    seconds = signature(AsyncIntegrationClient).parameters["deadline"].default
    picture = Picture("deadlines", "What counts towards the deadline of a call", 306)
    picture.text((20, 34), "one call", style="title", anchor="start")
    steps: tuple[tuple[str, str, float, Kind], ...] = (
        ("its lane", "", 84, "quiet"),
        ("connect", f"{times.connect:g} s", 76, "plain"),
        ("write", f"{times.write:g} s", 62, "plain"),
        ("read", f"{times.read:g} s", 104, "accent"),
        ("a pause", "", 74, "quiet"),
        ("attempt 2", "", 130, "accent"),
    )
    x = 20.0
    for name, limit, width, kind in steps:
        picture.bar((x, 46, width, 36), name, kind)
        if limit:
            picture.text((x + width / 2, 100), limit, style="note")
        x += width + 4
    picture.text((20, 100), "at most", style="note", anchor="start")
    picture.rule((x + 34, 30), (x + 34, 106), dashed=False)
    picture.text((x + 40, 58), "deadline", style="accent", anchor="start")
    picture.text((x + 40, 76), f"{seconds:g} s", style="accent", anchor="start")
    picture.text((20, 144), "with deadline(2.0):", style="code", anchor="start")
    picture.box((20, 154, 400, 44), kind="quiet")
    for index, (left, width) in enumerate(((30, 150), (186, 110), (302, 84)), 1):
        picture.bar((left, 162, width, 28), f"call {index}", "accent")
    picture.rule((420, 146), (420, 206), dashed=False)
    picture.text((430, 172), "2 s for all of them together;", style="note", anchor="start")
    picture.text((430, 189), "of nested blocks the earliest counts", style="note", anchor="start")
    picture.text((20, 240), "the gateway before your service", style="title", anchor="start")
    picture.bar((20, 252, 460, 30), "waits longer, so that the caller gets your response", "plain")
    return picture
