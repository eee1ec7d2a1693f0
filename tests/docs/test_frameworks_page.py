"""The first service of the page on web frameworks runs as the page says."""

import json
import re
from pathlib import Path

import httpx
import pytest

from tests.docs.projects import serving, write_files

PAGE = (Path(__file__).parents[2] / "docs" / "frameworks.md").read_text(encoding="utf-8")
[LINE] = re.findall(r"^(uvicorn .*) --port 8000$", PAGE, re.MULTILINE)
RESERVED, WITHOUT = map(json.loads, re.search(r"responds with `(.*?)`, and with `(.*?)`", PAGE).groups())


async def test_the_service_lists_what_was_reserved(tmp_path, talon_one_env):
    """The lines of the page reserve a coupon in the sandbox and have it listed by the service."""
    path, body = re.search(r"^curl http://127.0.0.1:8080(\S+) -d '(.*?)'", PAGE, re.MULTILINE).groups()
    [listed] = re.findall(r"^curl http://127.0.0.1:8000(\S+)$", PAGE, re.MULTILINE)
    write_files(PAGE, tmp_path)
    async with serving(tmp_path, LINE) as url, httpx.AsyncClient() as http:
        reserving = await http.post(
            talon_one_env.url + path,
            content=body,
            headers={"Authorization": f"ApiKey-v1 {talon_one_env.api_key}", "Content-Type": "application/json"},
        )
        assert reserving.is_success
        assert (await http.get(url + listed)).json() == RESERVED


@pytest.mark.usefixtures("talon_one_env")
async def test_without_talon_one_the_service_lists_nothing(tmp_path):
    """The service starts while nothing listens, and its list is empty."""
    write_files(PAGE, tmp_path)
    async with serving(tmp_path, LINE, TALON_ONE_BASE_URL="http://127.0.0.1:1") as url, httpx.AsyncClient() as http:
        assert (await http.get(f"{url}/customers/ada/coupons")).json() == WITHOUT
