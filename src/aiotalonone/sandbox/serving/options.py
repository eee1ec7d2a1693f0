"""The options of ``python -m aiotalonone.sandbox``."""

import ipaddress
import re
from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from attrs import define

from aiotalonone.sandbox.campaign_file import SHOP
from aiotalonone.sandbox.process import UNTIL_STDIN_CLOSES
from aiotalonone.sandbox.sandbox import DEFAULT_API_KEY, DEFAULT_MANAGEMENT_TOKEN
from aiotalonone.sandbox.serving.access import Access
from aiotalonone.sandbox.serving.authority import Authority, Origin

_MAX_PORT: Final = 65_535
_LOOPBACK: Final = "127.0.0.1"
_SENDABLE: Final = re.compile("[\x21-\x7e]+")


@define(frozen=True)
class Options:
    """What the command line asks for."""

    host: str
    port: int
    access: Access
    campaigns: Path | None
    watch: bool
    seed: Path | None
    faults: Path | None
    api_key: str
    management_token: str
    quiet: bool
    schema: bool
    until_stdin_closes: bool


def parse_options(parser: ArgumentParser, arguments: Sequence[str] | None) -> Options:
    """Read the command line; a mistake ends the program with exit code 2."""
    given = parser.parse_args(arguments)
    if given.watch and given.campaigns is None:
        parser.error("argument --watch: needs --campaigns, the file to watch")
    is_remote = not ipaddress.ip_address(given.host).is_loopback
    if is_remote and not given.allow_remote:
        parser.error(
            f"argument --host: {given.host} is not a loopback address: every machine that reaches it could read and "
            "change all that the sandbox holds; --allow-remote lets them"
        )
    return Options(
        host=given.host,
        port=given.port,
        access=Access(frozenset(given.allow_host), frozenset(given.cors), is_remote),
        campaigns=None if given.empty else given.campaigns or SHOP,
        watch=given.watch,
        seed=given.seed,
        faults=given.faults,
        api_key=given.api_key,
        management_token=given.management_token,
        quiet=given.quiet,
        schema=given.schema,
        until_stdin_closes=given.until_stdin_closes,
    )


def make_parser(program: str) -> ArgumentParser:
    """Return the parser of the options, of a program of this name."""
    parser = ArgumentParser(prog=program, description="Serve a local Talon.One until Ctrl-C.")
    _add_content(parser)
    _add_listening(parser)
    parser.add_argument("--quiet", action="store_true", help="print no line for each request")
    parser.add_argument("--schema", action="store_true", help="print the JSON schema of campaign files, and end")
    parser.add_argument(UNTIL_STDIN_CLOSES, action="store_true", help=SUPPRESS)
    return parser


def _add_content(parser: ArgumentParser) -> None:
    content = parser.add_argument_group("what it holds")
    account = content.add_mutually_exclusive_group()
    account.add_argument(
        "--campaigns", metavar="FILE", type=Path, help="JSON file with campaigns, in place of the small shop's"
    )
    account.add_argument("--empty", action="store_true", help="start without campaigns")
    content.add_argument("--watch", action="store_true", help="read the campaigns again when their file changes")
    content.add_argument("--seed", metavar="FILE", type=Path, help="JSON file with profiles, sessions and events")
    content.add_argument("--faults", metavar="FILE", type=Path, help="JSON file with faults")


def _add_listening(parser: ArgumentParser) -> None:
    listening = parser.add_argument_group("where it listens, and for whom")
    listening.add_argument("--host", type=_address, default=_LOOPBACK, help="address to listen on (%(default)s)")
    listening.add_argument(
        "--port", type=_port, default=8080, help="port to listen on (%(default)s); 0 takes a free one"
    )
    listening.add_argument(
        "--allow-remote",
        action="store_true",
        help="let --host be an address that other machines reach, such as 0.0.0.0",
    )
    listening.add_argument(
        "--allow-host",
        metavar="NAME",
        type=_name,
        action="append",
        default=[],
        help="name that clients may call it by, beside localhost and addresses; repeat it for several",
    )
    listening.add_argument(
        "--cors",
        metavar="ORIGIN",
        type=_origin,
        action="append",
        default=[],
        help="web page that may call it, such as http://localhost:3000; repeat it for several",
    )
    for option, secret, default in (
        ("--api-key", "API key", DEFAULT_API_KEY),
        ("--management-token", "management token", DEFAULT_MANAGEMENT_TOKEN),
    ):
        listening.add_argument(option, type=_secret, default=default, help=f"{secret} that it accepts (%(default)s)")


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > _MAX_PORT:
        raise ArgumentTypeError(f"must be a number from 0 to {_MAX_PORT}")
    return int(text)


def _secret(text: str) -> str:
    if not _SENDABLE.fullmatch(text):  # no header could have it
        raise ArgumentTypeError("must be one or more printable ASCII characters, without spaces")
    return text


def _address(text: str) -> str:
    if text == "localhost":
        return _LOOPBACK
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise ArgumentTypeError(f"{text} is not an IP address of this machine") from None


def _name(text: str) -> str:
    try:
        authority = Authority.parse(text)
    except ValueError:
        raise _not_a_name(text) from None
    if authority.port or authority.is_address:
        raise _not_a_name(text)
    return authority.host


def _not_a_name(text: str) -> ArgumentTypeError:
    return ArgumentTypeError(f"{text} is not the name of a host, such as shop.example")


def _origin(text: str) -> str:
    try:
        return str(Origin.parse(text))
    except ValueError:
        raise ArgumentTypeError(f"{text} is not the origin of a web page, such as http://localhost:3000") from None
