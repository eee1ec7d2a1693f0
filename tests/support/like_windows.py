"""Run a module in a Python that lacks what Windows lacks: ``python -m tests.support.like_windows MODULE ARGUMENT…``.

The libraries are those of this platform, so they are imported before anything is taken away.
"""

import asyncio
import os
import runpy
import select
import signal
import sys
import sysconfig
from importlib import import_module

LIBRARIES = ("httpx", "sqlite3", "starlette.applications", "typer", "rich.console", "uvicorn.protocols.http.h11_impl")
POSIX_MODULES = ("fcntl", "grp", "pty", "pwd", "resource", "termios", "tty")
POSIX_NAMES = {
    os: ("fork", "forkpty", "geteuid", "getpgid", "getuid", "killpg", "register_at_fork", "setsid", "O_CLOEXEC"),
    select: ("epoll", "poll"),
    signal: ("SIGHUP", "SIGQUIT", "SIGUSR1", "SIGWINCH", "pthread_kill", "sigwait"),
}
LOOP_METHODS = ("add_signal_handler", "add_reader", "add_writer", "connect_read_pipe", "connect_write_pipe")


def _is_missing(*_: object, **__: object) -> None:
    raise NotImplementedError


def take_away() -> None:
    """Take away what Windows lacks."""
    for name in LIBRARIES:
        import_module(name)
    sysconfig.get_config_vars()  # read from a file of the platform
    asyncio.run(asyncio.sleep(0))  # chooses the platform's event loop
    for name in POSIX_MODULES:
        sys.modules[name] = None  # type: ignore[assignment]
    for module, names in POSIX_NAMES.items():
        for name in names:
            vars(module).pop(name, None)
    for name in LOOP_METHODS:
        setattr(asyncio.SelectorEventLoop, name, _is_missing)
    sys.platform = "win32"


if __name__ == "__main__":
    take_away()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
