"""``python -m aiotalonone.sandbox``: the sandbox as a process of its own."""

import json
import os
import signal
import sys
from _thread import interrupt_main
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from functools import partial
from socket import socket
from threading import Thread
from typing import Final, NoReturn

from aiotalonone.sandbox import CampaignFileError, FaultFileError, Sandbox, SeedError
from aiotalonone.sandbox.campaign_file.schema import campaign_schema
from aiotalonone.sandbox.faults.file import load_faults
from aiotalonone.sandbox.serving.options import Options, make_parser, parse_options

try:
    from aiotalonone.sandbox.serving.log import Log, is_colored
    from aiotalonone.sandbox.serving.service import Companion, Service, listen
    from aiotalonone.sandbox.serving.watch import follow_campaigns, look_at
except ModuleNotFoundError as _missing:
    if __name__ != "__main__":
        raise
    sys.stderr.write(f'The sandbox needs {_missing.name}: pip install "aiotalonone[sandbox]"\n')
    sys.exit(2)

_STDIN: Final = 0
_MAX_READ: Final = 4096
_FILES: Final[Mapping[type[Exception], str]] = {
    CampaignFileError: "--campaigns",
    FaultFileError: "--faults",
    SeedError: "--seed",
}
"""The options that name files, by what is raised of them."""


def main(arguments: Sequence[str] | None = None, *, program: str = "python -m aiotalonone.sandbox") -> None:
    """Serve until SIGINT or SIGTERM."""
    parser = make_parser(program)
    options = parse_options(parser, arguments)
    if options.schema:
        print(json.dumps(campaign_schema(), indent=2))  # noqa: T201
        return
    known = None if options.campaigns is None else look_at(options.campaigns)
    try:
        sandbox = _sandbox(options)
    except (CampaignFileError, FaultFileError, SeedError) as error:
        _fail(parser, f"argument {_FILES[type(error)]}: {error}")
    _exit_cleanly()
    if options.until_stdin_closes:
        Thread(target=_exit_with_stdin, daemon=True).start()
    listening = _listen(parser, options)
    log = Log(sys.stderr, is_colored(sys.stderr), options.quiet)
    if options.access.is_remote:
        log.alert("every machine that reaches this one can read and change all that the sandbox holds")
    companions: list[Companion] = [partial(log.follow, sandbox)]
    if options.watch and options.campaigns is not None:
        companions.append(partial(follow_campaigns, sandbox, options.campaigns, known, log))
    Service(sandbox, options, log, companions).run(sockets=[listening])


def _sandbox(options: Options) -> Sandbox:
    sandbox = Sandbox(options.campaigns, api_keys=(options.api_key,), management_tokens=(options.management_token,))
    if options.faults is not None:
        sandbox.faults.replace(load_faults(options.faults, sandbox.faults.operation_ids))
    if options.seed is not None:
        sandbox.seed(options.seed)
    sandbox.keep_as_start()
    return sandbox


def _listen(parser: ArgumentParser, options: Options) -> socket:
    try:
        return listen(options.host, options.port)
    except OSError as error:
        reason = str(error.strerror).partition(" (")[0]  # without the address, which Python adds
        _fail(parser, f"cannot listen on port {options.port} of {options.host}: {reason}")


def _fail(parser: ArgumentParser, reason: str) -> NoReturn:
    parser.exit(2, f"{parser.prog}: error: {reason}\n")


def _exit_cleanly() -> None:
    """Exit with status 0 on a signal, which uvicorn raises again after it has shut down."""
    for number in signal.SIGINT, signal.SIGTERM:
        signal.signal(number, lambda *_: sys.exit(0))


def _exit_with_stdin() -> None:
    """Exit when the program that started this process has ended, or is killed."""
    while os.read(_STDIN, _MAX_READ):
        pass
    interrupt_main(signal.SIGTERM)  # os.kill would end it on the spot on Windows


if __name__ == "__main__":
    main()
