import json
import os
import re
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from tests.sandbox.support import campaign

MODULE = [sys.executable, "-m", "aiotalonone.sandbox"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_program_serves_until_a_signal(tmp_path, number):
    """The program prints its address in one line, serves what its files say, and exits with 0 on a signal."""
    file = tmp_path / "shop.json"
    file.write_text(json.dumps(campaign(coupons=({"value": "CODE"},))))
    faults = tmp_path / "faults.json"
    faults.write_text(json.dumps([{"operationId": "createCouponReservation", "fault": "status503", "calls": [2]}]))
    options = ["--port", "0", "--campaigns", str(file), "--faults", str(faults), "--api-key", "k1"]
    with subprocess.Popen(  # noqa: S603 - our own module
        [*MODULE, *options], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            line = process.stdout.readline()
            found = re.fullmatch(
                r"Talon\.One sandbox on (http://127\.0\.0\.1:\d+) \(API key: k1\), coupons: CODE; look inside at \1/\n",
                line,
            )
            statuses = [
                httpx.post(
                    f"{found[1]}/v1/coupon_reservations/CODE",
                    json={"integrationIDs": ["a"]},
                    headers={"Authorization": "ApiKey-v1 k1"},
                    trust_env=False,
                ).status_code
                for _ in range(2)
            ]
            process.send_signal(number)
            rest, _ = process.communicate(timeout=20)
        finally:
            process.kill()
    assert statuses == [201, 503]
    assert (process.returncode, rest) == (0, "")


def first_line(*options):
    with subprocess.Popen(  # noqa: S603 - our own module
        [*MODULE, "--port", "0", *options], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            return process.stdout.readline()
        finally:
            process.kill()


def test_program_serves_a_small_shop_by_default():
    """Without a campaign file the program serves the shop that comes along, and names its coupons."""
    assert " (API key: sandbox-key), coupons: SUMMER, WELCOME; look inside at " in first_line()


def test_program_can_start_empty():
    """With ``--empty`` the program has no campaigns, and its line names no coupons."""
    assert " (API key: sandbox-key); look inside at " in first_line("--empty")


def test_line_is_one_line_whatever_the_codes_are(tmp_path):
    """The line names five coupons, the others as a number, and spells out what a terminal might not show."""
    codes = ["A", "B\n", "Sömmer", "D", "E", "F", "G"]
    file = tmp_path / "shop.json"
    file.write_text(json.dumps(campaign(coupons=tuple({"value": code} for code in codes))))
    assert r", coupons: A, B\n, S\xf6mmer, D, E and 2 more; look inside at " in first_line("--campaigns", str(file))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--host", "0.0.0.0"], "0.0.0.0 is not a loopback address"),  # noqa: S104 - it must be rejected
        (["--host", "example.org"], "argument --host: example.org is not an IP address of this machine"),
        (["--host", "192.0.2.1", "--allow-remote"], "error: cannot listen on port 8080 of 192.0.2.1: "),
        (["--watch"], "argument --watch: needs --campaigns"),
        (["--allow-host", "http://shop.example"], "http://shop.example is not the name of a host"),
        (["--allow-host", "127.0.0.1"], "127.0.0.1 is not the name of a host"),
        (["--allow-host", "shop.example:80"], "shop.example:80 is not the name of a host"),
        (["--cors", "*"], "argument --cors: * is not the origin of a web page, such as http://localhost:3000"),
        (["--cors", "http://localhost:3000/cart"], "http://localhost:3000/cart is not the origin of a web page"),
        (["--campaigns", "no-such.json"], "error: argument --campaigns: no-such.json: No such file or directory\n"),
        (["--faults", "no-such.json"], "error: argument --faults: no-such.json: No such file or directory\n"),
        (["--seed", os.devnull], f"error: argument --seed: {os.devnull}: "),
        (["--port", "99999"], "argument --port: must be a number from 0 to 65535"),
        (["--port", "-1"], "--port"),
        (["--api-key", ""], "argument --api-key: must be one or more printable ASCII characters, without spaces"),
        (["--api-key", "ключ"], "argument --api-key: must be one or more printable ASCII characters"),
        (["--management-token", "a\nb"], "argument --management-token: must be one or more printable ASCII"),
        (["--empty", "--campaigns", "shop.json"], "not allowed with argument --empty"),
    ],
)
def test_invalid_option_is_an_error(options, message):
    """A host other than this machine, or a file that cannot be read, is exit code 2 with the reason."""
    done = subprocess.run(  # noqa: S603 - our own module
        [*MODULE, *options], capture_output=True, text=True, check=False, timeout=20
    )
    assert done.returncode == 2
    assert message in done.stderr


def test_port_in_use_is_an_error():
    """A port that another program has is exit code 2 with the reason, in one line."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = subprocess.run(  # noqa: S603 - our own module
            [*MODULE, "--port", str(port)], capture_output=True, text=True, check=False, timeout=20
        )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(f"error: cannot listen on port {port} of 127.0.0.1: Address already in use\n")
