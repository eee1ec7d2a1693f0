"""``aiotalonone``, also ``python -m aiotalonone``: names the extra to install if it is missing."""

import sys


def main() -> None:
    """Run the command line."""
    try:
        _run()
    except KeyboardInterrupt:  # while modules are imported
        sys.stderr.write("Interrupted. Nothing was stored.\n")
        sys.exit(2)


def _run() -> None:
    try:
        from aiotalonone.cli.app import app  # noqa: PLC0415 - its libraries may be missing
    except ModuleNotFoundError as missing:
        package = (missing.name or "").partition(".")[0]
        if package not in {"typer", "rich"}:
            raise
        sys.stderr.write(f'The command line needs {package}: pip install "aiotalonone[cli]"\n')
        sys.exit(2)
    app(prog_name="aiotalonone")


if __name__ == "__main__":
    main()
