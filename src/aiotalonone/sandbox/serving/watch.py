"""Follow a file that people edit while the sandbox runs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Final

from aiotalonone.sandbox.campaign_file import CampaignFileError
from aiotalonone.sandbox.sandbox import Sandbox
from aiotalonone.sandbox.serving.log import Log

SECONDS_BETWEEN_LOOKS: Final = 0.3

Stamp = tuple[int, int, int]
Sleep = Callable[[float], Awaitable[object]]


def look_at(file: Path) -> Stamp | None:
    """Return what tells one state of a file from the next, or None if there is no file.

    Editors that replace a file give it a new number, whatever its time and size are.
    """
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


async def changes(file: Path, known: Stamp | None, sleep: Sleep = asyncio.sleep) -> AsyncIterator[None]:
    """Yield each time a file has changed or has gone, as soon as two looks at it are alike: it is written by then.

    Args:
        file: To look at.
        known: What `look_at` returned before the file was read.
        sleep: Awaited with the seconds between two looks.
    """
    before = known
    while True:
        await sleep(SECONDS_BETWEEN_LOOKS)
        now = await asyncio.to_thread(look_at, file)
        if now == before and now != known:
            known = now
            yield
        before = now


async def follow_campaigns(
    sandbox: Sandbox, file: Path, known: Stamp | None, log: Log, sleep: Sleep = asyncio.sleep
) -> None:
    """Read a campaign file again whenever it changes; one with a mistake changes nothing."""
    async for _ in changes(file, known, sleep):
        try:
            _check_kind(file)
            sandbox.set_campaigns(file)
        except CampaignFileError as error:
            log.alert(f"{file}: {str(error).removeprefix(f'{file}: ')}; the campaigns stay as they were")


def _check_kind(file: Path) -> None:
    """Raise a CampaignFileError for a pipe or the like, to read which could take for ever."""
    if file.exists() and not file.is_file():
        raise CampaignFileError("it is not a file")
