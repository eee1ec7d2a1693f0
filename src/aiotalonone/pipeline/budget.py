"""How many repetitions a client may send: what keeps its retries from bringing an ailing API down."""

from attrs import define, field


@define
class RetryBudget:
    """A token bucket: a repetition takes a token, a call that succeeds gives one back.

    Beyond the reserve that it starts with, a client thus never repeats more often than it succeeds.
    """

    reserve: int | None
    """Its size; ``None`` lets every repetition pass."""
    _tokens: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._tokens = self.reserve or 0

    def take(self) -> bool:
        """Pay for a repetition; False where the bucket is empty."""
        if self.reserve is None:
            return True
        if not self._tokens:
            return False
        self._tokens -= 1
        return True

    def give_back(self) -> None:
        """Note a success."""
        if self.reserve is not None and self._tokens < self.reserve:
            self._tokens += 1
