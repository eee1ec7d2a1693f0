"""Why a contender takes no part."""


class NotSupportedError(Exception):
    """A contender cannot do what a workload asks for; the message says why."""
