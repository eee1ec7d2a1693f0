"""The classes of a scaffold: their types, limits and texts."""

import json

import pytest

from tools.facts import all_facts_of
from tools.scaffold_models import Classes
from tools.specs import Spec

SCHEMAS = {
    "Moon": {
        "type": "object",
        "required": ["id", "craters"],
        "properties": {
            "id": {"type": "integer", "minimum": 1, "maximum": 9},
            "from": {"type": "string", "maxLength": 5},
            "seenAt": {"type": "string", "format": "date-time"},
            "craters": {"type": "array", "maxItems": 3, "items": {"$ref": "#/components/schemas/Crater"}},
            "phase": {"type": "string", "enum": ["new", "half", "full"]},
            "names": {"type": "object", "additionalProperties": {"type": "string"}},
            "customURL": {"type": "boolean", "default": False},
            "weight": {"type": ["number", "null"]},
            "other": {},
        },
    },
    "Crater": {"type": "object", "properties": {"depth": {"type": "number"}}},
    "Dust": {"type": "object"},
}
REQUEST = '''
@define(kw_only=True)
class Crater(Model):
    """Crater. Schema ``Crater``."""

    depth: float | Decimal | None = None
    """Depth."""


MoonPhase = Literal["new", "half", "full"]


@define(kw_only=True)
class Moon(Model):
    """Moon. Schema ``Moon``."""

    id: int = field(validator=number_between(1, 9))
    """ID, 1 to 9."""
    from_: str | None = field(default=None, validator=max_length(5, "characters"))
    """From, at most 5 characters."""
    seen_at: datetime | None = None
    """Seen at."""
    craters: list[Crater] = field(validator=max_length(3, "entries"))
    """Craters, at most 3 entries."""
    phase: MoonPhase | None = None
    """Phase: ``new``, ``half`` or ``full``."""
    names: dict[str, str] | None = None
    """Names."""
    custom_url: bool | None = field(default=None, metadata=json_name("customURL"))
    """Custom url; ``False`` by default."""
    weight: float | Decimal | None = None
    """Weight."""
    other: Any = None
    """Other."""


@define(kw_only=True)
class Dust(Model):
    """Dust. Schema ``Dust``."""
'''
RESPONSE = (
    REQUEST.replace("float | Decimal", "float")
    .replace('MoonPhase = Literal["new", "half", "full"]\n\n\n', "")
    .replace("MoonPhase", "str")
    .replace("id: int = field(validator=number_between(1, 9))", "id: int")
    .replace('field(default=None, validator=max_length(5, "characters"))', "None")
    .replace('field(validator=max_length(3, "entries"))', "field(factory=list)")
    .replace("dict[str, str] | None = None", "dict[str, str] = field(factory=dict)")
)


@pytest.mark.parametrize(("in_request", "expected"), [(True, REQUEST), (False, RESPONSE)], ids=["request", "response"])
def test_a_schema_becomes_a_class(in_request, expected):
    """A request has the schema's limits and closed sets; a response reads lists and maps that are missing as empty."""
    document = {"openapi": "3.1.0", "paths": {}, "components": {"schemas": SCHEMAS}}
    classes = Classes(Spec(all_facts_of(json.dumps(document).encode())[0]))
    for name in ("Moon", "Dust"):
        classes.add(name, classes.specification.schemas[name], in_request=in_request)
    assert "\n\n\n".join(classes.sources.values()) == expected.strip()
