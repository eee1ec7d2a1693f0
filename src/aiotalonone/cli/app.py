"""The program and its commands."""

from typing import Annotated, Final

import typer

from aiotalonone._version import __version__
from aiotalonone.cli.audiences import audiences
from aiotalonone.cli.catalogs import catalogs
from aiotalonone.cli.check import check
from aiotalonone.cli.commands import Command, Program
from aiotalonone.cli.console import write_to_stdout
from aiotalonone.cli.exit_codes import MissingExtraError
from aiotalonone.cli.profiles import profiles


def _print_version(is_wanted: bool) -> None:
    if is_wanted:
        write_to_stdout(f"aiotalonone {__version__}")
        raise typer.Exit


app: Final = typer.Typer(
    cls=Program,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(profiles, name="profiles")
app.add_typer(audiences, name="audiences")
app.add_typer(catalogs, name="catalogs")
app.command(cls=Command)(check)


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
