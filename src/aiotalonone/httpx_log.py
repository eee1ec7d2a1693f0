"""What httpx's own log tells of our requests: it shows whole URLs at INFO, and our paths name people."""

import logging
from typing import Any, Final


class _PathsHidden(logging.Filter):
    """Leaves of a URL that goes to one of the hosts no more than the host."""

    def __init__(self) -> None:
        super().__init__()
        self.hosts: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        """Every record passes."""
        if isinstance(record.args, tuple):
            record.args = tuple(map(self._hidden, record.args))
        return True

    def _hidden(self, value: Any) -> Any:
        return f"{value.scheme}://{value.host}/…" if getattr(value, "host", None) in self.hosts else value


_paths_hidden: Final = _PathsHidden()


def hide_paths_of(host: str) -> None:
    """From now on the logger ``httpx`` shows no path below this host."""
    _paths_hidden.hosts.add(host)
    logging.getLogger("httpx").addFilter(_paths_hidden)
