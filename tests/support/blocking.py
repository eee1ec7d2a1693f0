"""A watch for calls that block the event loop."""

import io
from contextlib import contextmanager

from blockbuster import BlockBusterFunction, blockbuster_ctx


@contextmanager
def watched():
    """Make a blocking call an error if our code is on the stack; the sandbox may block."""
    excluded = ["aiotalonone.sandbox"]
    with blockbuster_ctx("aiotalonone", excluded_modules=excluded) as watch:
        # From Python 3.14 on, pathlib reads files without a buffer, which blockbuster does not watch.
        unbuffered = BlockBusterFunction(io.FileIO, "read", scanned_modules="aiotalonone", excluded_modules=excluded)
        watch.functions["io.FileIO.read"] = unbuffered.activate()
        yield
