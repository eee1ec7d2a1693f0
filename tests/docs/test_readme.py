"""The README says what the client takes."""

import inspect
import re
import shlex
import ssl
import subprocess
import sys
import tomllib
from pathlib import Path

import httpx
import pytest

import aiotalonone
from aiotalonone import AsyncIntegrationClient
from aiotalonone.operation import snake_case
from aiotalonone.sandbox.serving.options import make_parser, parse_options
from tests.contract.calls import GROUP_OF, method_of

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "README.md").read_text(encoding="utf-8")
REPOSITORY = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["urls"]["Source"] + "/blob/main/"
SITE = "https://aiotalonone.github.io/aiotalonone/"
OPTIONS = set(inspect.signature(AsyncIntegrationClient).parameters) - {"base_url", "api_key", "management_token"}


def test_the_table_of_options_names_options():
    """Each name in the table is an option of the constructor; headers and plain http are on other pages."""
    [table] = re.findall(r"^\| option \|.*?\n\n", PAGE, re.DOTALL | re.MULTILINE)
    cells = re.findall(r"^\| (`.*?`) \|", table, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", " ".join(cells))) == OPTIONS - {"headers", "allow_http"}


async def test_the_clients_of_the_configuration_can_be_made(monkeypatch):
    """The lines run as they are, with names for what is the reader's own."""
    monkeypatch.setenv("TALON_ONE_BASE_URL", "https://acme.example")
    monkeypatch.setenv("TALON_ONE_API_KEY", "key")
    [block] = [block for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "from_env" in block]
    async with httpx.AsyncClient() as shared:
        names = {**vars(aiotalonone), "url": "https://acme.example", "key": "key", "trace": "t-1", "shared": shared}
        exec(block, names | {"context": ssl.create_default_context()})  # noqa: S102 - our page


def test_the_table_of_operations_has_every_method():
    """The README names the method of each operation in the row of its group, and which of them are deprecated."""
    [table] = re.findall(r"^\| group \| methods \|.*?\n\n", PAGE, re.DOTALL | re.MULTILINE)
    rows = dict(re.findall(r"^\| `client\.(\w+)` \| (.*) \|$", table, re.MULTILINE))
    named = {(group, method) for group, cell in rows.items() for method in re.findall(r"`(\w+)`", cell)}
    assert named == {(group, snake_case(operation.operation_id)) for operation, group in GROUP_OF.items()}
    deprecated = set(re.findall(r"`(\w+)` \(deprecated\)", table))
    client = AsyncIntegrationClient("https://acme.example", api_key="key")
    methods = {snake_case(operation.operation_id): method_of(client, operation) for operation in GROUP_OF}
    assert deprecated == {name for name, method in methods.items() if hasattr(method, "__deprecated__")}


@pytest.mark.parametrize("link", re.findall(rf"\]\({REPOSITORY}([^)#]+)\)", PAGE))
def test_the_links_lead_somewhere(link):
    """A reader who follows a link finds a file."""
    assert (ROOT / link).exists()


@pytest.mark.parametrize("link", re.findall(rf"\]\({SITE}([^)#]+)\.html\)", PAGE))
def test_the_links_to_the_site_lead_to_pages(link):
    """A reader who follows a link to the site finds what a file of this repository becomes there."""
    assert [path for kind in ("md", "rst") if (path := ROOT / "docs" / f"{link}.{kind}").exists()]


def test_every_link_is_absolute():
    """PyPI shows the README, where a link to a path of the repository would lead nowhere."""
    assert re.findall(r"\]\((?!https?:)([^)#]+)\)", PAGE) == []


def test_the_first_program_prints_what_the_page_says(tmp_path):
    """The two commands and the program do what the page says; only the port is another, which may be taken."""
    [install, start] = re.search(r"```sh\n(.*?)```", PAGE, re.DOTALL)[1].splitlines()
    [program] = [block for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "asyncio.run" in block]
    assert shlex.split(install) == ["pip", "install", "aiotalonone[sandbox]"]
    python, *arguments = shlex.split(start)
    assert python == "python"
    assert not {"--port", "--campaigns"} & set(arguments)
    with subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, *arguments, "--port", "0"], stdout=subprocess.PIPE, text=True, cwd=tmp_path
    ) as sandbox:
        try:
            line = sandbox.stdout.readline()
            assert "coupons: SUMMER" in line
            assert "sandbox-key" in line
            url = re.search(r"http://[\d.:]+", line)[0]
            assert program.count("http://127.0.0.1:8080") == 1
            done = subprocess.run(  # noqa: S603 - our own page
                [sys.executable, "-c", program.replace("http://127.0.0.1:8080", url)],
                capture_output=True,
                text=True,
                check=True,
                cwd=tmp_path,
            )
        finally:
            sandbox.kill()
    assert done.stdout == re.search(r"```text\n(.*?)```", PAGE, re.DOTALL)[1]


def test_the_first_program_calls_the_sandbox_as_it_is_by_default():
    """The port and the key of the first program are those of a sandbox that is told neither."""
    options = parse_options(make_parser("sandbox"), [])
    assert f'"http://{options.host}:{options.port}", api_key="{options.api_key}"' in PAGE


def test_the_test_of_your_code_passes(tmp_path):
    """The test on the page passes in a suite of its own; its client was imported further up on the page."""
    [block] = [block for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "async def test_" in block]
    module = tmp_path / "test_page.py"
    module.write_text(f"from aiotalonone import AsyncIntegrationClient\n{block}", encoding="utf-8")
    options = ["-p", "aiotalonone.pytest_plugin", "-o", "asyncio_mode=auto", "--rootdir", str(tmp_path), str(module)]
    command = [sys.executable, "-m", "pytest", "-q", *options]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603 - our page
    assert "1 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("image", re.findall(r"!\[[^\]]+\]\(([^)]+)\)", PAGE))
def test_the_pictures_are_in_the_repository(image):
    """A picture is shown from the main branch, also on PyPI, and has a text for those who cannot see it."""
    raw = REPOSITORY.replace("github.com", "raw.githubusercontent.com").replace("/blob/main/", "/main/")
    assert image.startswith(raw)
    assert (ROOT / image.removeprefix(raw)).is_file()
