"""The settings of a campaign file: switches of the Application, and answers to what no source says."""

from typing import Final

from attrs import fields

from aiotalonone.sandbox.account.programs import ApplicationSettings, Assumptions
from aiotalonone.sandbox.loyalty.file import read_timezone
from aiotalonone.sandbox.validation import JsonObject, unknown_name

STATES: Final = ("enabled", "disabled", "archived")
"""Those of a campaign."""


def read_application(members: JsonObject) -> ApplicationSettings:
    """Read the settings of the Application."""
    given = members.object("application")
    if given is None:
        return ApplicationSettings()
    return ApplicationSettings(**_switches(given, ApplicationSettings), timezone=read_timezone(given))


def read_assumptions(members: JsonObject) -> Assumptions:
    """Read the switches for what no source says."""
    given = members.object("assumptions")
    return Assumptions() if given is None else Assumptions(**_switches(given, Assumptions))


def switches_of(kind: type[ApplicationSettings | Assumptions]) -> dict[str, str]:
    """Return the names of the fields that are on or off, by their names in JSON."""
    return {camel_case(one.name): one.name for one in fields(kind) if one.type is bool}


def _switches(given: JsonObject, kind: type[ApplicationSettings | Assumptions]) -> dict[str, bool]:
    """Read the switches; a name that there is not is a mistake, for it would have no effect."""
    switches, known = switches_of(kind), [camel_case(one.name) for one in fields(kind)]
    for name in given.values:
        if name not in known:
            raise given.error(name, unknown_name("switch", name, known))
    return {field: given.flag(name) for name, field in switches.items() if name in given}


def camel_case(name: str) -> str:
    """Return a name as JSON has it."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
