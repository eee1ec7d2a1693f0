"""``python -m examples.groceries`` in a checkout: real baskets and coupons through every operation."""

import signal
import sys
from argparse import ArgumentParser

from examples.groceries.demo import main
from examples.groceries.faults import FAULTS


def parse_arguments() -> bool:
    """Return whether faults are wanted."""
    parser = ArgumentParser(prog="python -m examples.groceries", description=__doc__)
    parser.add_argument("--faults", action="store_true", help="the same while connections break and calls are rejected")
    return bool(parser.parse_args().faults)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # like Ctrl-C: the sandbox is ended, too
    sys.exit(main(faults=FAULTS if parse_arguments() else ()))
