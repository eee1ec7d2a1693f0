"""What an installed wheel must do, with the standard library alone: ``python -I tools/smoke.py [--extras]``."""

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import aiotalonone
from aiotalonone import AsyncIntegrationClient, SetDiscountEffectProps

API_KEY = "sandbox-key"
CART = {"couponCodes": ["SUMMER"], "cartItems": [{"sku": "apple", "name": "Apple", "quantity": 3, "price": 1.2}]}
DISCOUNT = {
    "campaignId": 1,
    "rulesetId": 1,
    "ruleIndex": 0,
    "ruleName": "ten percent",
    "effectType": "setDiscount",
    "props": {"name": "Summer", "value": 0.36},
}
SYNC = ("profiles", "sync", "customers.csv", "--id-column", "id", "--sandbox", "--json", "--quiet")
MODULES_OF_EXTRAS = ("aiohttp", "bulk", "cli", "fastapi", "otel", "sandbox", "testing.sandbox")


class Api(BaseHTTPRequestHandler):
    """Responds to each PUT with a discount."""

    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        """Read the request and send an integration state."""
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"effects": [DISCOUNT], "createdCoupons": [], "createdReferrals": []}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's name
        """Write no log."""


@contextmanager
def api() -> Iterator[str]:
    """Serve on a free port of loopback; the value is the URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Api) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def sandbox() -> Iterator[str]:
    """Run the sandbox of the package; the value is the URL."""
    command = [sys.executable, "-I", "-m", "aiotalonone.sandbox", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            start_line = process.stdout.readline() if process.stdout else ""
            yield next(word for word in start_line.split() if word.startswith("http://")).rstrip(",")
        finally:
            process.terminate()


async def discounts(url: str) -> list[tuple[str, float]]:
    """Return the discounts of a cart."""
    async with AsyncIntegrationClient(url, api_key=API_KEY) as client:
        state = await client.sessions.update_customer_session_v2("cart-17", {"customerSession": CART})
    return [
        (effect.props.name, effect.props.value)
        for effect in state.effects
        if isinstance(effect.props, SetDiscountEffectProps)
    ]


def check_core() -> None:
    """Check the version, the public names, and a call through the client's own connections."""
    check("version", aiotalonone.__version__, version("aiotalonone"))
    check("py.typed", files(aiotalonone).joinpath("py.typed").is_file(), expected=True)
    check("public names", [name for name in dir(aiotalonone) if not hasattr(aiotalonone, name)], expected=[])
    with api() as url:
        check("call", asyncio.run(discounts(url)), [("Summer", 0.36)])


def check_extras() -> None:
    """Check the modules that need an extra, a call to the sandbox, and a file on the command line."""
    for module in MODULES_OF_EXTRAS:
        __import__(f"aiotalonone.{module}")
    with sandbox() as url:
        check("call to the sandbox", asyncio.run(discounts(url)), [("Summer", 0.36)])
    with TemporaryDirectory() as folder:
        Path(folder, "customers.csv").write_text("id,Name\nc-1,Ada\nc-2,Grace\n", encoding="utf-8")
        command = [sys.executable, "-I", "-m", "aiotalonone", *SYNC]
        done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, check=True)
    check("profiles sync", json.loads(done.stdout)["accepted"], 2)


def check(what: str, found: object, expected: object) -> None:
    """Stop with a sentence unless both are equal."""
    if found != expected:
        sys.exit(f"{what}: expected {expected!r}, found {found!r}")
    print(f"{what}: good")


if __name__ == "__main__":
    check_core()
    if "--extras" in sys.argv[1:]:
        check_extras()
