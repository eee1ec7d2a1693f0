"""Lists of integration IDs in requests."""

from aiotalonone.sandbox.limits import INTEGRATION_ID_LENGTH
from aiotalonone.sandbox.reading import Members, UnfitError


def read_ids(members: Members, name: str, *, at_most: int) -> list[str]:
    """The IDs of a list, none of which may be empty; no list is an empty one."""
    ids = members.texts(name, at_most=at_most, longest=INTEGRATION_ID_LENGTH)
    if "" in ids:
        raise UnfitError((*members.path, name, ids.index("")), "must not be empty")
    return ids
