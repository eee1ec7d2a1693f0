"""The page on Django is a project, which does what the page says."""

import asyncio
import json
import re
from pathlib import Path

import httpx
import pytest

from tests.docs.projects import run_python, run_tests, serving, write_files
from tests.support.sandbox_server import request

pytest.importorskip("django")
pytestmark = pytest.mark.usefixtures("talon_one_env")

PAGE = (Path(__file__).parents[2] / "docs" / "django.md").read_text(encoding="utf-8")
CART = re.search(r"-d '(.*)'", PAGE)[1]
[LINE] = re.findall(r"^(uvicorn .*) --port 8000 &$", PAGE, re.MULTILINE)
WITH_DISCOUNT, WITHOUT = re.findall(r"prints `(.*?)`", PAGE)
SYNC_VIEW = """
import asyncio
from asgiref.sync import async_to_sync
from django.http import HttpResponse
from django.urls import path
from config.urls import urlpatterns
from shop import talon_one

async def has_the_client_of_the_server():
    async with talon_one.talon_one() as client:
        return client in talon_one._clients.values()

urlpatterns += [path("sync", lambda request: HttpResponse(str(async_to_sync(has_the_client_of_the_server)())))]
"""
WSGI_REQUEST = f"""
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()
from django.test import Client
print(Client(SERVER_NAME="localhost").put("/carts/wsgi", {CART!r}, "application/json").content.decode())
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A folder in which the reader has done what the page says."""
    folder = tmp_path_factory.mktemp("project")
    for line in re.findall(r"`(?:django-admin|python manage.py) (start.*?)`", PAGE):
        run_python(folder, "-m", "django", *line.split())
    write_files(PAGE, folder)
    return folder


async def until_applied(talon_one_env, count):
    """Wait until the sandbox has applied so many updates of sessions."""
    async with (
        asyncio.timeout(60),
        httpx.AsyncClient(headers={"Authorization": f"ApiKey-v1 {talon_one_env.api_key}"}) as http,
    ):
        while True:
            state = (await http.get(f"{talon_one_env.url}/sandbox/state")).json()
            if state["applied"].get("updateCustomerSessionV2", 0) == count:
                return


def test_its_tests_pass(project):
    """The tests of the page pass."""
    assert "2 passed" in run_tests(project)


async def test_it_is_served_as_the_page_says(project):
    """The lines of the page serve a cart with its discount."""
    async with serving(project, LINE) as url, httpx.AsyncClient() as http:
        assert (await http.put(f"{url}/carts/cart-17", content=CART)).text == WITH_DISCOUNT


async def test_without_talon_one_a_cart_has_its_full_price(project):
    """While nothing listens, the service starts, and a cart has the price without discounts."""
    async with serving(project, LINE, TALON_ONE_BASE_URL="http://127.0.0.1:1") as url, httpx.AsyncClient() as http:
        assert (await http.put(f"{url}/carts/cart-17", content=CART)).text == WITHOUT


async def test_a_sync_view_has_the_client_of_the_server(project):
    """A sync view reaches the same client, since its call runs on the server's loop."""
    (project / "with_sync_view.py").write_text(SYNC_VIEW)
    (project / "config" / "sync_settings.py").write_text("from .settings import *\nROOT_URLCONF = 'with_sync_view'\n")
    async with (
        serving(project, LINE, DJANGO_SETTINGS_MODULE="config.sync_settings") as url,
        httpx.AsyncClient() as http,
    ):
        assert (await http.get(f"{url}/sync")).text == "True"


def test_wsgi_has_a_client_for_each_block(project):
    """Without a server's loop a request has a client of its own, which it closes."""
    assert run_python(project, "-W", "error", "-c", WSGI_REQUEST).strip() == WITH_DISCOUNT


async def test_a_purchase_is_made_though_the_customer_leaves(project, talon_one_env):
    """A customer who leaves while a purchase waits for its retry has bought all the same."""
    fault = {"operationId": "updateCustomerSessionV2", "fault": "status429Seconds", "calls": [1], "seconds": 1}
    async with httpx.AsyncClient(headers={"Authorization": f"ApiKey-v1 {talon_one_env.api_key}"}) as http:
        await http.put(f"{talon_one_env.url}/sandbox/faults", json=[fault])
        async with serving(project, LINE) as url:
            async with request(url, "POST", "/carts/cart-18/purchase", json.loads(CART)), asyncio.timeout(60):
                while not (await http.get(f"{talon_one_env.url}/sandbox/state")).json()["faults"]:
                    pass
            await until_applied(talon_one_env, 1)


def test_the_command_sends_all_customers(project):
    """Each user of the database becomes a profile."""
    run_python(project, "manage.py", "migrate")
    users = "from django.contrib.auth.models import User; [User.objects.create(username=f'u{n}') for n in range(3)]"
    run_python(project, "manage.py", "shell", "-c", users)
    assert run_python(project, "manage.py", "sync_customers") == "3 customers stored, 0 rejected\n"
