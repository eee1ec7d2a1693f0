"""Pictures of the connections: the pool, and the states of one connection."""

from aiotalonone.client import DEFAULT_MAX_CONNECTIONS
from aiotalonone.transport.connection import KEEP_ALIVE_SECONDS, State
from tools.pictures.canvas import Picture


def pool() -> Picture:
    """Draw who waits for a connection, and which one is taken."""
    picture = Picture("pool", "The pool: calls wait in their order, the connection used last is taken first", 300)
    picture.text((110, 34), "calls", style="title")
    picture.text((110, 52), "wait if all are busy, in order", style="note")
    for index, name in enumerate(("has waited longest", "next", "came last")):
        picture.bar((30, 70 + index * 44, 160, 32), name, "accent" if not index else "plain")
    picture.text((110, 222), "a cancelled call leaves", style="note")
    picture.text((110, 239), "the queue at once", style="note")
    picture.box((262, 14, 236, 272), kind="quiet")
    picture.text((380, 38), f"at most {DEFAULT_MAX_CONNECTIONS} connections", style="title")
    for index in range(3):
        picture.bar((284, 56 + index * 36, 192, 26), "busy: one request", "accent")
    picture.rule((284, 172), (476, 172))
    picture.bar((284, 184, 192, 26), "idle, used last: taken next", "plain")
    picture.bar((284, 216, 192, 26), "idle", "plain")
    picture.bar((284, 248, 192, 26), f"idle for {KEEP_ALIVE_SECONDS:.0f} s: closed", "quiet")
    picture.arrow([(192, 86), (260, 86)], "a free one", at=(226, 78))
    picture.arrow([(500, 86), (562, 86)])
    picture.box((564, 56, 112, 60), "server", "HTTP/1.1")
    picture.text((590, 160), "closed by the server,", style="note")
    picture.text((590, 177), "or unexpected bytes:", style="note")
    picture.text((590, 194), "gone before a request", style="note")
    picture.text((590, 211), "is written to it", style="note")
    return picture


def connections() -> Picture:
    """Draw the states of a connection."""
    picture = Picture("connections", "The states of a connection", 330)
    idle, sending, waiting, reading, closed = (state.name for state in State)
    picture.dot((24, 84))
    picture.arrow([(30, 84), (108, 84)], "connected", at=(66, 76))
    picture.box((110, 52, 128, 64), idle, "the pool's")
    picture.box((320, 52, 128, 64), sending, "a request's", kind="accent")
    picture.box((540, 52, 128, 64), waiting, "a request's", kind="accent")
    picture.box((540, 196, 128, 64), reading, "a request's", kind="accent")
    picture.box((110, 196, 128, 64), closed, "used no more", kind="warn")
    picture.arrow([(238, 84), (318, 84)], "a request", at=(278, 76))
    picture.arrow([(448, 84), (538, 84)], "written", at=(492, 76))
    picture.arrow([(604, 116), (604, 194)], "the head came", at=(604, 160))
    picture.arrow([(430, 116), (546, 194)], "an early head", at=(490, 150))
    picture.arrow([(540, 216), (236, 118)], "whole, and reusable", at=(424, 186))
    picture.arrow([(540, 244), (240, 244)], "whole, and not reusable", at=(390, 262))
    picture.arrow([(134, 116), (134, 194)])
    picture.text((22, 150), "expired, or ended", style="note", anchor="start")
    picture.text((22, 166), "by the server", style="note", anchor="start")
    picture.arrow([(356, 116), (238, 206)], dashed=True)
    picture.text((350, 306), "Dashed, from every state in use: a failure, a timeout, a cancelled call.", style="note")
    return picture
