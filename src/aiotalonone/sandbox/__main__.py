"""``python -m aiotalonone.sandbox``: the sandbox as a process of its own."""

import argparse
import ipaddress
import os
import signal
import socket
import sys
from collections.abc import Collection, Sequence
from itertools import islice
from threading import Thread
from typing import Final

from aiotalonone.sandbox import SHOP, CampaignFileError, FaultFileError, Sandbox
from aiotalonone.sandbox.faults.file import load_faults
from aiotalonone.sandbox.process import UNTIL_STDIN_CLOSES
from aiotalonone.sandbox.sandbox import DEFAULT_API_KEY, DEFAULT_MANAGEMENT_TOKEN

try:
    from aiotalonone.sandbox.server import Server
except ModuleNotFoundError as _missing:
    if __name__ != "__main__":
        raise
    sys.stderr.write(f'The sandbox needs {_missing.name}: pip install "aiotalonone[sandbox]"\n')
    sys.exit(2)

_MAX_SHOWN_COUPONS: Final = 5
_MAX_PORT: Final = 65_535


class SandboxServer(Server):
    """Print the address, the key and some coupons as soon as it listens."""

    def __init__(self, sandbox: Sandbox, host: str, port: int, api_key: str) -> None:
        super().__init__(sandbox.app, host, port)
        self._api_key = api_key
        self._coupons = sandbox.state.coupons.keys()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening and print the address."""
        await super().startup(sockets)
        # The program that starts the process waits for this line.
        line = f"Talon.One sandbox on {self.url} (API key: {self._api_key}){_coupons_text(self._coupons)}"
        print(line, flush=True)  # noqa: T201


def main(arguments: Sequence[str] | None = None, *, program: str = "python -m aiotalonone.sandbox") -> None:
    """Serve until SIGINT or SIGTERM."""
    parser = _parser(program)
    options = parser.parse_args(arguments)
    try:
        sandbox = _sandbox(options)
    except (CampaignFileError, FaultFileError) as error:
        parser.error(str(error))
    _exit_cleanly()
    if options.until_stdin_closes:
        Thread(target=_exit_with_stdin, daemon=True).start()
    try:
        listening = _listen(options.host, options.port)
    except OSError as error:
        reason = str(error.strerror).partition(" (")[0]  # without the address, which Python adds
        parser.error(f"cannot listen on port {options.port}: {reason}")
    SandboxServer(sandbox, options.host, options.port, options.api_key).run(sockets=[listening])


def _coupons_text(coupons: Collection[str]) -> str:
    """Return the end of the line: the first codes, in characters that any terminal shows on one line."""
    if not coupons:
        return ""
    shown = [ascii(code)[1:-1] for code in islice(coupons, _MAX_SHOWN_COUPONS)]
    further = len(coupons) - len(shown)
    return f", coupons: {', '.join(shown)}" + (f" and {further} more" if further else "")


def _sandbox(options: argparse.Namespace) -> Sandbox:
    campaigns = None if options.empty else options.campaigns
    sandbox = Sandbox(campaigns, api_keys=(options.api_key,), management_tokens=(options.management_token,))
    if options.faults is not None:
        sandbox.faults.replace(load_faults(options.faults, sandbox.faults.operation_ids))
    return sandbox


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens: uvicorn would end the process with a status of its own if it cannot.

    Raises:
        OSError: The port is in use, or not for this user.
    """
    listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    # Connections inherit it. asyncio sets it on its own sockets alone, and without it a response waits for 40 ms.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _exit_cleanly() -> None:
    """Exit with status 0 on a signal, which uvicorn raises again after it has shut down."""
    for number in signal.SIGINT, signal.SIGTERM:
        signal.signal(number, lambda *_: sys.exit(0))


def _exit_with_stdin() -> None:
    """Exit when the program that started this process has ended, or is killed."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=program, description="A local Talon.One.")
    parser.add_argument("--host", type=_loopback, default="127.0.0.1", help="loopback address to listen on")
    parser.add_argument("--port", type=_port, default=8080, help="port to listen on; 0 takes a free one")
    account = parser.add_mutually_exclusive_group()
    account.add_argument("--campaigns", metavar="FILE", default=SHOP, help="JSON file, in place of the small shop's")
    account.add_argument("--empty", action="store_true", help="start without campaigns")
    parser.add_argument("--faults", metavar="FILE", help="JSON file with faults")
    parser.add_argument("--api-key", type=_secret, default=DEFAULT_API_KEY)
    parser.add_argument(UNTIL_STDIN_CLOSES, action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--management-token", type=_secret, default=DEFAULT_MANAGEMENT_TOKEN)
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > _MAX_PORT:
        raise argparse.ArgumentTypeError(f"must be a number from 0 to {_MAX_PORT}")
    return int(text)


def _secret(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("must not be empty")
    return text


def _loopback(host: str) -> str:
    if host == "localhost":
        return "127.0.0.1"
    try:
        is_loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise argparse.ArgumentTypeError(f"{host} is not a loopback address; the sandbox serves this machine alone")
    return host


if __name__ == "__main__":
    main()
