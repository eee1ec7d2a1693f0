"""A watch for calls that block the event loop."""

import io
from contextlib import contextmanager

from blockbuster import BlockBusterFunction, blockbuster_ctx

EXCLUDED = ["aiotalonone.sandbox"]


@contextmanager
def watched():
    """Make a blocking call an error if our code is on the stack; the sandbox may block."""
    with blockbuster_ctx("aiotalonone", excluded_modules=EXCLUDED) as watch:
        # From Python 3.14 on, pathlib reads files without a buffer, which blockbuster does not watch.
        unbuffered = BlockBusterFunction(io.FileIO, "read", scanned_modules="aiotalonone", excluded_modules=EXCLUDED)
        watch.functions["io.FileIO.read"] = unbuffered.activate()
        yield
