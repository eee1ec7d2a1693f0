"""Which entities a V2 request wants to see."""

from collections.abc import Collection

from aiotalonone.sandbox.reading import Members, UnfitError


def read_content(body: Members, known: Collection[str]) -> list[str]:
    """The names in ``responseContent``."""
    names = body.texts("responseContent")
    for index, name in enumerate(names):
        if name not in known:
            raise UnfitError((*body.path, "responseContent", index), f"unknown content {name}")
    return names
