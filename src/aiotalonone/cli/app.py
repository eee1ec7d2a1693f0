"""The commands, and the one place where a failure becomes a line and an exit code."""

from typing import Any, Final

import typer
from typer.core import TyperGroup

from aiotalonone.bulk import CheckpointError
from aiotalonone.cli.audiences import audiences
from aiotalonone.cli.check import check
from aiotalonone.cli.exits import CommandError, Exit
from aiotalonone.cli.local import sandbox
from aiotalonone.cli.profiles import profiles
from aiotalonone.cli.rows import UnreadableFileError
from aiotalonone.cli.screen import say


class Commands(TyperGroup):
    """The commands; none of them ends with a traceback for what can go wrong."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except CommandError as failure:
            say(f"Error: {failure}")
            raise typer.Exit(failure.code) from None
        except (CheckpointError, UnreadableFileError, OSError) as failure:
            say(f"Error: {failure}")
            raise typer.Exit(Exit.USAGE) from None


app: Final = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Talon.One from the command line.\n\nKeys are read from TALON_ONE_API_KEY and "
    "TALON_ONE_MANAGEMENT_TOKEN, or asked for on a terminal.",
)
app.add_typer(profiles, name="profiles")
app.add_typer(audiences, name="audiences")
app.command()(check)
app.command()(sandbox)
