"""What all commands do alike: their help may go anywhere, and a failure ends them with a line and an exit code."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from aiotalonone.bulk import CheckpointError
from aiotalonone.cli.console import print_to_stderr, write_to_stdout
from aiotalonone.cli.exit_codes import CommandError, ExitCode
from aiotalonone.cli.rows import UnreadableFileError
from aiotalonone.cli.sync import describe_failure


class Command(TyperCommand):
    """A command; help that cannot be written does not fail."""

    def get_help_option(self, ctx: Any) -> Any:
        """Return the option that shows the help."""
        return _shown_as_result(super().get_help_option(ctx))


class Group(TyperGroup):
    """Commands under one word; help that cannot be written does not fail."""

    def get_help_option(self, ctx: Any) -> Any:
        """Return the option that shows the help."""
        return _shown_as_result(super().get_help_option(ctx))


class Program(Group):
    """All commands; expected failures end without a traceback."""

    def make_context(self, *arguments: Any, **options: Any) -> Any:
        """Parse the options before the command."""
        with _failures_as_exits():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: Any) -> Any:
        """Run the given command."""
        with _failures_as_exits():
            return super().invoke(ctx)


@contextmanager
def _failures_as_exits() -> Iterator[None]:
    try:
        yield
    except CommandError as failure:
        print_to_stderr(f"Error: {failure}")
        raise typer.Exit(failure.code) from None
    except (CheckpointError, UnreadableFileError, OSError) as failure:
        print_to_stderr(f"Error: {describe_failure(failure)}")
        raise typer.Exit(ExitCode.USAGE) from None
    except (typer.Abort, KeyboardInterrupt):  # at a prompt, or outside of a job
        print_to_stderr("Interrupted. Nothing was stored.")
        raise typer.Exit(ExitCode.USAGE) from None


def _shown_as_result(option: Any) -> Any:
    """Return a help option whose text is written as results are: to a full disk, or to a reader that has ended."""
    if option is not None:
        option.callback = _show_help
    return option


def _show_help(context: typer.Context, _: Any, is_wanted: bool) -> None:
    if is_wanted and not context.resilient_parsing:
        write_to_stdout(context.get_help())
        raise typer.Exit
