"""A watch for calls that block the event loop."""

from blockbuster import blockbuster_ctx


def watched():
    """Whatever blocks is an error, where our code is on the stack; the sandbox may."""
    return blockbuster_ctx("aiotalonone", excluded_modules=["aiotalonone.sandbox"])
