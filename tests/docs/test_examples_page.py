"""The page of the examples has commands that run when they are pasted."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
PAGE = (EXAMPLES / "README.md").read_text(encoding="utf-8")
START, SCRIPTS = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def talon_one_campaigns():
    """The campaigns that the page starts the sandbox with."""
    [name] = re.findall(r"--campaigns (\S+)", START)
    return EXAMPLES / name


@pytest.mark.skipif(sys.platform == "win32", reason="the commands are those of a POSIX shell")
@pytest.mark.usefixtures("talon_one_env")
def test_the_scripts_run_as_the_page_says(tmp_path):
    """Pasted one after the other, the commands price, buy, sync and track without an error."""
    [variables, *commands] = SCRIPTS.splitlines()
    assert variables == "export TALON_ONE_BASE_URL=http://127.0.0.1:8080 TALON_ONE_API_KEY=sandbox-key"
    folder = shutil.copytree(EXAMPLES, tmp_path / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run(  # noqa: S602 - our own page
        "\n".join(["set -e", *commands]),
        shell=True,
        cwd=folder,
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "1 profiles stored, 0 rejected" in done.stdout
    assert re.search(r"\b1 tracked", done.stdout + done.stderr)


@pytest.mark.parametrize("command", re.findall(r"^\| `(.*?)` \|", PAGE, re.MULTILINE))
def test_the_services_are_there(command):
    """A command of the table starts a module of this folder."""
    module = re.search(r"([\w.]+):\w+$|-m ([\w.]+)$", command)
    path = EXAMPLES / (module[1] or module[2]).replace(".", "/")
    assert path.with_suffix(".py").exists() or (path / "__init__.py").exists()
