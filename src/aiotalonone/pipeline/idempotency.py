"""Idempotency keys: one for each call whose operation honours them."""

import os
import re
from typing import Any, Final

from aiotalonone.errors import Outcome, TalonOneError
from aiotalonone.operation import Call, RetrySafety

MAX_KEY_LENGTH: Final = 255
KEY_TTL_SECONDS: Final = 24 * 60 * 60.0
"""How long the API replays its answer to a key."""

_KEY: Final = re.compile(rf"[\x21-\x7e]{{1,{MAX_KEY_LENGTH}}}")


def new_key() -> str:
    """128 random bits, as the 32 digits of a UUID."""
    return os.urandom(16).hex()


class SingleUseKey:
    """A caller's own key, for one call."""

    def __init__(self, key: str) -> None:
        if not isinstance(key, str):
            raise TypeError(f"idempotency_key must be a str, not {type(key).__name__}")
        if not _KEY.fullmatch(key):
            raise ValueError(f"idempotency_key must be 1 to {MAX_KEY_LENGTH} printable ASCII characters without spaces")
        self._key: str | None = key

    def take(self) -> str:
        """The key, once.

        Raises:
            ValueError: A call has taken it; with another body the API's answer would be that of the first.
        """
        if self._key is None:
            raise ValueError("an idempotency key is for one call: derive another client for the next")
        key, self._key = self._key, None
        return key


def resumable(error: TalonOneError, now: float) -> Call[Any]:
    """The call that an error ended, where repeating it is safe and of use.

    Raises:
        ValueError: It is not.
    """
    call = error.call
    if call is None:
        raise ValueError("the error does not know its call: it was pickled, or no call failed with it")
    if error.outcome not in (Outcome.UNKNOWN, Outcome.APPLIED):
        raise ValueError(f"nothing is lost that could be resumed: the outcome is {error.outcome.value}")
    if call.retry_safety is RetrySafety.UNSAFE:
        raise ValueError(f"{error.operation_id} may act twice if it is repeated")
    if call.idempotency_key is not None and now - call.created_at >= KEY_TTL_SECONDS:
        raise ValueError("the call is older than the 24 h for which its idempotency key holds")
    return call
