"""Idempotency keys: one for each call whose operation honours them."""

import os
import re
from typing import TYPE_CHECKING, Any, Final

from aiotalonone.errors import Outcome, TalonOneError
from aiotalonone.operation import Operation, RetrySafety
from aiotalonone.settings import validate_type

if TYPE_CHECKING:
    from aiotalonone.call import Call

MAX_KEY_LENGTH: Final = 255
KEY_TTL_SECONDS: Final = 24 * 60 * 60.0
"""How long the API replays its response to a key."""

_KEY: Final = re.compile(rf"[\x21-\x7e]{{1,{MAX_KEY_LENGTH}}}")


def new_key() -> str:
    """Return 128 random bits, as the 32 digits of a UUID."""
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
        """Return the key, once.

        Raises:
            ValueError: A call has taken it; with another body the API would replay the response to the first.
        """
        if self._key is None:
            raise ValueError("an idempotency key is for one call: use with_options for each call")
        key, self._key = self._key, None
        return key


def key_for(operation: Operation[Any], retry_safety: RetrySafety, given: SingleUseKey | None) -> str | None:
    """Return the idempotency key of a call: the caller's own, a new one, or ``None`` if it does not need one.

    Raises:
        ValueError: The operation does not honour the caller's key, or another call has taken it.
    """
    if given is None:
        return new_key() if retry_safety is RetrySafety.IDEMPOTENCY_KEY else None
    if operation.retry_safety is not RetrySafety.IDEMPOTENCY_KEY:
        raise ValueError(f"{operation.operation_id} does not honour an idempotency key")
    return given.take()


def resumable(error: TalonOneError, now: float, origin: str, result: type[Any] | None = None) -> "Call[Any]":
    """Return the call that an error ended, if sending it again is safe and of use.

    Args:
        error: Of a call.
        now: Seconds since the epoch.
        origin: Digest of the deployment and key that it would be sent to.
        result: The model that it is expected to return.

    Raises:
        TypeError: It returns another, or ``error`` is none of a call.
        ValueError: It cannot be sent again.
    """
    validate_type("error", error, TalonOneError)
    call = error.call
    if error.outcome not in (Outcome.UNKNOWN, Outcome.APPLIED):
        raise ValueError(f"cannot resume: the outcome is {error.outcome}; only unknown and applied calls can be")
    if call is None:
        raise ValueError("cannot resume: the error carries no call (it came from a dict, or may act twice)")
    if call.retry_safety is RetrySafety.UNSAFE:
        raise ValueError(f"cannot resume: {error.operation_id} may act twice if it is sent again")
    if call.origin != origin:
        raise ValueError("cannot resume: the call was made with another base URL or API key than this client's")
    if call.idempotency_key is not None and now - call.created_at >= KEY_TTL_SECONDS:
        raise ValueError("cannot resume: the call is older than the 24 h for which its idempotency key is valid")
    if result is not None and result.__name__ != call.operation.result:
        raise TypeError(f"{error.operation_id} returns {call.operation.result}, not {result.__name__}")
    return call
