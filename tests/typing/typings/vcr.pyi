# What the page on testing uses of vcrpy, which has no types of its own.

from collections.abc import Sequence
from contextlib import AbstractContextManager
from os import PathLike

class Cassette:
    @property
    def play_count(self) -> int: ...

class VCR:
    def __init__(self, *, filter_headers: Sequence[str]) -> None: ...
    def use_cassette(self, path: PathLike[str]) -> AbstractContextManager[Cassette, None]: ...
