"""How long to pause before another attempt."""

from collections.abc import Callable

from aiotalonone.settings import RetryPolicy


def pause_before_next(
    attempt: int, policy: RetryPolicy, retry_after: float | None, uniform: Callable[[float, float], float]
) -> float:
    """The pause after an attempt, in seconds: what the API asks for, or a random part of a doubling span (full jitter).

    Args:
        attempt: The number of the attempt that failed, from 1.
        policy: Its limits hold for either.
        retry_after: What the answer asks for, if anything.
        uniform: Draws a number between two.
    """
    if retry_after is not None:
        return min(retry_after, policy.longest_retry_after)
    doublings = min(attempt - 1, 60)  # beyond any limit, and no overflow
    return uniform(0.0, min(policy.longest_backoff, policy.first_backoff * 2**doublings))
