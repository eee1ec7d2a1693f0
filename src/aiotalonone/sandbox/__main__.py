"""``python -m aiotalonone.sandbox``: the sandbox as a process of its own."""

import argparse
import ipaddress
import signal
import socket
import sys
from collections.abc import Sequence

import uvicorn

from aiotalonone.sandbox import CampaignFileError, Sandbox
from aiotalonone.sandbox.sandbox import DEFAULT_API_KEY, DEFAULT_MANAGEMENT_TOKEN


class Server(uvicorn.Server):
    """Says where it listens, once it does."""

    def __init__(self, config: uvicorn.Config, api_key: str) -> None:
        super().__init__(config)
        self._api_key = api_key

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts listening and prints the address, with the port that a 0 has become."""
        await super().startup(sockets)
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        host = f"[{host}]" if ":" in host else host
        # Whoever starts the process waits for this line.
        print(f"Talon.One sandbox on http://{host}:{port} (API key: {self._api_key})", flush=True)  # noqa: T201


def main(arguments: Sequence[str] | None = None) -> None:
    """Serves until SIGINT or SIGTERM."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        sandbox = Sandbox(options.campaigns, api_keys=(options.api_key,), management_tokens=(options.management_token,))
    except CampaignFileError as error:
        parser.error(str(error))
    config = uvicorn.Config(
        sandbox.app,
        host=options.host,
        port=options.port,
        lifespan="off",
        access_log=False,
        log_level="warning",
    )
    _leave_in_peace()
    Server(config, options.api_key).run()


def _leave_in_peace() -> None:
    """Makes a signal a clean exit: uvicorn shuts down first and raises the signal again afterwards."""
    for number in signal.SIGINT, signal.SIGTERM:
        signal.signal(number, lambda *_: sys.exit(0))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m aiotalonone.sandbox", description="A local Talon.One.")
    parser.add_argument("--host", type=_loopback, default="127.0.0.1", help="a loopback address")
    parser.add_argument("--port", type=int, default=8080, help="0 picks a free one")
    parser.add_argument("--campaigns", metavar="FILE", help="a JSON file with campaigns")
    parser.add_argument("--api-key", default=DEFAULT_API_KEY)
    parser.add_argument("--management-token", default=DEFAULT_MANAGEMENT_TOKEN)
    return parser


def _loopback(host: str) -> str:
    if host == "localhost":
        return "127.0.0.1"
    try:
        is_loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise argparse.ArgumentTypeError(f"{host} is no loopback address; the sandbox serves this machine alone")
    return host


if __name__ == "__main__":
    main()
