"""The cattrs converter that reads and writes models, where hooks of one's own can be registered."""

from typing import Final

from cattrs import Converter

converter: Final[Converter] = Converter(detailed_validation=False)
"""Takes further hooks, until a type that they concern is first read or written."""
