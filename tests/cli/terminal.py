"""A command on a pseudo-terminal: its output, and keys to press."""

import asyncio
import os
import pty
import sys
from contextlib import asynccontextmanager

from attrs import define

# The terminal becomes that of the new session, so that Ctrl-C reaches whatever runs there.
_TAKE_TERMINAL = (
    "import fcntl, os, signal, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "signal.signal(signal.SIGINT, signal.SIG_DFL); "  # which is ignored in what a shell runs in the background
    "os.execv(sys.argv[1], sys.argv[1:])"
)


@define
class Terminal:
    """A pseudo-terminal with a command on it."""

    process: asyncio.subprocess.Process
    shown: str = ""
    """Output so far."""
    _master: int = -1

    def type(self, text):
        """Press keys."""
        os.write(self._master, text.encode())

    async def until(self, words):
        """Wait until the output contains something."""
        async with asyncio.timeout(20):
            while words not in self.shown:  # noqa: ASYNC110 - what is shown comes from a file descriptor, without an event
                await asyncio.sleep(0.01)

    async def end(self, within=20):
        """Wait for the command's exit code."""
        async with asyncio.timeout(within):
            code = await self.process.wait()
        self._take()
        return code

    def _take(self):
        try:
            while content := os.read(self._master, 65536):
                self.shown += content.decode(errors="replace")
        except (BlockingIOError, OSError):  # no output for now, or no more at all
            pass


@asynccontextmanager
async def on_terminal(*arguments, env):
    """Run a command on a terminal within the block."""
    master, slave = pty.openpty()
    os.set_blocking(master, False)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _TAKE_TERMINAL, sys.executable, "-m", "aiotalonone", *map(str, arguments),
        stdin=slave, stdout=slave, stderr=slave, start_new_session=True, env=env,
    )  # fmt: skip
    os.close(slave)
    terminal = Terminal(process, master=master)
    asyncio.get_running_loop().add_reader(master, terminal._take)
    try:
        yield terminal
    finally:
        asyncio.get_running_loop().remove_reader(master)
        os.close(master)
        if process.returncode is None:
            process.kill()
            await process.wait()
