"""Members whose JSON name is not the camelCase of their Python name."""

from collections.abc import Mapping
from typing import Final

JSON_NAME: Final = "json_name"


def named(json_name: str) -> Mapping[str, str]:
    """The metadata of a field that travels under ``json_name``."""
    return {JSON_NAME: json_name}
