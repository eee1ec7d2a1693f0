"""The front page, and the one for beginners, do what they say, in a sandbox that is started as they say."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "start.md").read_text(encoding="utf-8")
FRONT_PAGE = (DOCS / "index.md").read_text(encoding="utf-8")
FIRST, PRICE, ERROR, DEPLOYMENT = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
AFTER_FIRST, AFTER_PRICE, AFTER_ERROR = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
INSTALL, START = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def sandbox(tmp_path):
    """The sandbox of the page, and its URL; the port is a free one."""
    python, *arguments = shlex.split(START)
    assert python == "python"
    with subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, *arguments, "--port", "0"], stdout=subprocess.PIPE, text=True, cwd=tmp_path
    ) as process:
        yield process, re.search(r"http://[\d.:]+", process.stdout.readline())[0]
        process.kill()


def run(code, url):
    """Run a program in a process of its own, and return what it prints."""
    assert code.count("http://127.0.0.1:8080") == 1
    command = [sys.executable, "-c", code.replace("http://127.0.0.1:8080", url)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own page


def test_the_programs_print_what_the_page_says(sandbox):
    """The first program prints the effects, and with what is appended to it the price."""
    _, url = sandbox
    assert run(FIRST, url) == AFTER_FIRST
    assert run(FIRST + PRICE, url) == AFTER_FIRST + AFTER_PRICE


def test_the_program_of_the_front_page_prints_what_the_page_says(sandbox):
    """The first call that a reader sees works as it stands, with the commands above it."""
    _, url = sandbox
    [commands] = re.findall(r"```sh\n(.*?)```", FRONT_PAGE, re.DOTALL)
    assert commands.endswith(START)
    [program] = re.findall(r"```python\n(.*?)```", FRONT_PAGE, re.DOTALL)
    assert f"```text\n{run(program, url)}```" in FRONT_PAGE


def test_the_error_is_the_one_that_the_page_shows(sandbox):
    """Without a sandbox, the second program prints what failed, and the outcome."""
    process, url = sandbox
    process.kill()
    process.wait()
    assert run(ERROR, url) == AFTER_ERROR


def test_the_client_of_a_deployment_can_be_made():
    """The line for the reader's own deployment follows the imports of the program."""
    subprocess.run([sys.executable, "-c", FIRST.partition("\n\n\n")[0] + "\n" + DEPLOYMENT], check=True)  # noqa: S603 - our own page


def test_what_is_installed_has_a_sandbox():
    """The command installs the extra that the sandbox needs."""
    assert shlex.split(INSTALL) == ["python", "-m", "pip", "install", "aiotalonone[sandbox]"]
