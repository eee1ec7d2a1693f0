"""The commands, and the one place that turns a failure into a line and an exit code."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from aiotalonone._version import __version__
from aiotalonone.bulk import CheckpointError
from aiotalonone.cli.audiences import audiences
from aiotalonone.cli.catalogs import catalogs
from aiotalonone.cli.check import check
from aiotalonone.cli.console import is_stdout_lost, print_to_stderr, write_to_stdout
from aiotalonone.cli.exit_codes import CommandError, ExitCode, MissingExtraError
from aiotalonone.cli.profiles import profiles
from aiotalonone.cli.rows import UnreadableFileError
from aiotalonone.cli.sync import describe_failure


class Commands(TyperGroup):
    """The commands; expected failures end without a traceback."""

    def make_context(self, *arguments: Any, **options: Any) -> Any:
        """Parse the options before the command; --help and --version end here."""
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
        if is_stdout_lost():  # which is where help goes
            raise typer.Exit(ExitCode.SUCCESS) from None
        print_to_stderr(f"Error: {describe_failure(failure)}")
        raise typer.Exit(ExitCode.USAGE) from None
    except (typer.Abort, KeyboardInterrupt):  # at a prompt, or outside of a job
        print_to_stderr("Interrupted. Nothing was stored.")
        raise typer.Exit(ExitCode.USAGE) from None


def _print_version(is_wanted: bool) -> None:
    if is_wanted:
        write_to_stdout(f"aiotalonone {__version__}")
        raise typer.Exit


app: Final = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(profiles, name="profiles")
app.add_typer(audiences, name="audiences")
app.add_typer(catalogs, name="catalogs")
app.command()(check)


@app.callback()
def group(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Talon.One from the command line.

    Keys are read from TALON_ONE_API_KEY and TALON_ONE_MANAGEMENT_TOKEN, or prompted for on a terminal.
    """


# The module's own parser reads the options, so that both have the same ones.
@app.command(add_help_option=False, context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def sandbox(context: typer.Context) -> None:
    """Serve a local Talon.One until Ctrl-C, with a small shop unless told otherwise."""
    try:
        from aiotalonone.sandbox.__main__ import main  # noqa: PLC0415 - an extra, and slow to import
    except ImportError:
        raise MissingExtraError("run the sandbox", "sandbox") from None
    main(context.args, program="aiotalonone sandbox")
