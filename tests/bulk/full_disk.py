"""A disk that is full for a while: in the place of the journal's ``os``, or as a limit of the system."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from aiotalonone.bulk import journal


class FullDisk:
    """Stands in for ``os`` in the journal: its writes and synchronisations fail while it is full."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, *, at: str = "write", after: int = 1, times: int = 1, part: int = 0
    ) -> None:
        self.at, self.after, self.left, self.part = at, after, times, part
        monkeypatch.setattr(journal, "os", self)

    def __getattr__(self, name):
        return getattr(os, name)

    def write(self, descriptor, content):
        """Write a part of the content at most, or raise."""
        if self.at == "write" and self._is_full():
            if self.part:
                part, self.part, self.left = self.part, 0, self.left + 1
                return os.write(descriptor, content[:part])
            raise OSError(errno.ENOSPC, "No space left on device")
        return os.write(descriptor, content[:1000])

    def fsync(self, descriptor):
        """Synchronise a file, or raise."""
        if self.at == "fsync" and stat.S_ISREG(os.fstat(descriptor).st_mode) and self._is_full():
            raise OSError(errno.ENOSPC, "No space left on device")
        os.fsync(descriptor)

    def _is_full(self):
        self.after -= 1
        if self.after >= 0 or not self.left:
            return False
        self.left -= 1
        return True


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size, as on a full disk."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
