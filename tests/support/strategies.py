"""Random scripts of visitors who come, leave, lose patience: what lanes and slots must bear."""

import asyncio

from hypothesis import strategies as st

TURNS = 8


def action_sequences(*verbs):
    """Lists of a verb and a number that says whom it concerns."""
    return st.lists(st.tuples(st.sampled_from(verbs), st.integers(min_value=0, max_value=30)), max_size=60)


def pick(things, number):
    """Whom a number means, if anybody."""
    things = list(things)
    return things[number % len(things)] if things else None


async def drain_loop():
    """Everybody has done what can be done."""
    for _ in range(TURNS):
        await asyncio.sleep(0)
