"""Random scripts of what tasks do with lanes and slots, for hypothesis."""

import asyncio

from hypothesis import strategies as st

TURNS = 8


def action_sequences(*verbs):
    """Draw lists of an action and a number that says which task it is for."""
    return st.lists(st.tuples(st.sampled_from(verbs), st.integers(min_value=0, max_value=30)), max_size=60)


def pick(things, number):
    """Return the thing that a number stands for, or ``None`` if there are no things."""
    things = list(things)
    return things[number % len(things)] if things else None


async def drain_loop():
    """Let all tasks run as far as they can."""
    for _ in range(TURNS):
        await asyncio.sleep(0)
