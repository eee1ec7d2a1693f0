"""``aiotalonone sandbox``: a Talon.One on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from aiotalonone.cli.exits import MissingExtraError


def sandbox(
    *,
    host: Annotated[str, typer.Option(help="A loopback address.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 picks a free one.")] = 8080,
    campaigns: Annotated[Path | None, typer.Option(metavar="FILE", help="A JSON file with campaigns.")] = None,
    faults: Annotated[Path | None, typer.Option(metavar="FILE", help="A JSON file with faults.")] = None,
    api_key: Annotated[str | None, typer.Option(help="What opens it.", show_default="sandbox-key")] = None,
    management_token: Annotated[
        str | None, typer.Option(help="Opens audiences as well.", show_default="sandbox-token")
    ] = None,
) -> None:
    """Serve a local Talon.One until Ctrl-C."""
    try:
        from aiotalonone.sandbox.__main__ import main  # noqa: PLC0415 - an extra, and it takes long to load
    except ModuleNotFoundError:
        raise MissingExtraError("run the sandbox", "sandbox") from None
    settings = {
        "--host": host,
        "--port": port,
        "--campaigns": campaigns,
        "--faults": faults,
        "--api-key": api_key,
        "--management-token": management_token,
    }
    given = [(name, str(value)) for name, value in settings.items() if value is not None]
    main([word for pair in given for word in pair], program="aiotalonone sandbox")
