"""Exit codes, and the errors that end a command with one."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of all commands."""

    SUCCESS = 0
    """All records were accepted, or the check found no problem."""
    FAILED = 1
    """The check found a problem."""
    USAGE = 2
    """Nothing was sent: the command, the file or the checkpoint cannot be used."""
    REJECTED = 3
    """Everything was sent, and some records were rejected."""
    STOPPED = 4
    """The job is not finished; another run can resume it."""


class CommandError(Exception):
    """Ends a command; the message is one line for its user."""

    def __init__(self, message: str, code: ExitCode = ExitCode.USAGE) -> None:
        super().__init__(message)
        self.code = code


class MissingExtraError(CommandError):
    """An extra must be installed first."""

    def __init__(self, purpose: str, extra: str) -> None:
        super().__init__(f'to {purpose}, install what it needs: pip install "aiotalonone[{extra}]"')
