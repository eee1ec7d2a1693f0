"""The settings of a campaign file: switches of the Application, and answers to what no source says."""

from typing import Final, TypeVar

from attrs import fields

from aiotalonone.sandbox.account.programs import ApplicationSettings, Assumptions
from aiotalonone.sandbox.validation import JsonObject, unknown_name

STATES: Final = ("enabled", "disabled", "archived")
"""Those of a campaign."""

S = TypeVar("S", ApplicationSettings, Assumptions)


def read_switches(members: JsonObject, name: str, kind: type[S]) -> S:
    """Read an object of booleans; a name that it does not have is a mistake, for it would have no effect."""
    given = members.object(name)
    if given is None:
        return kind()
    names = {camel_case(one.name): one.name for one in fields(kind)}
    for switch in given.values:
        if switch not in names:
            raise given.error(switch, unknown_name("switch", switch, names))
    return kind(**{names[switch]: given.flag(switch) for switch in given.values if switch in given})


def camel_case(name: str) -> str:
    """Return a name as JSON has it."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
