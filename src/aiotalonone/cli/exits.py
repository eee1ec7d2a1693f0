"""How a command ends: its exit code, and the failures that end it."""

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of all commands."""

    DONE = 0
    """Everything was accepted."""
    FAILED = 1
    """What was looked at is not as it should be."""
    USAGE = 2
    """Nothing was sent: the command, the file or the checkpoint must be another."""
    REJECTED = 3
    """Everything was sent, and some of it was not accepted."""
    STOPPED = 4
    """The job is not finished, and another run goes on with it."""


class CommandError(Exception):
    """A command ends here; the message is one line for the person who gave it."""

    def __init__(self, message: str, code: Exit = Exit.USAGE) -> None:
        super().__init__(message)
        self.code = code


class MissingExtraError(CommandError):
    """Something is to be installed first."""

    def __init__(self, purpose: str, extra: str) -> None:
        super().__init__(f'to {purpose}, install what it needs: pip install "aiotalonone[{extra}]"')
