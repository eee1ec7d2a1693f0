"""Reading members whose class depends on another member: an effect's props, the payload of a catalog action."""

from functools import cached_property
from typing import Any

from cattrs import Converter

from aiotalonone.codec.fields import Tag
from aiotalonone.codec.generate import Hook, defer
from aiotalonone.codec.shape import note_mismatch


class TaggedHooks(dict[Any, Hook]):
    """The functions that read such a member, by the value of its tag."""

    def __init__(self, converter: Converter, tag: Tag) -> None:
        super().__init__()
        self.converter = converter
        self.tag = tag
        defer(self.fill)

    def fill(self) -> None:
        """Generate all of them."""
        for value in self.tag.classes:
            self[value]

    def __missing__(self, value: Any) -> Hook:
        kind = self.tag.classes.get(value)
        if kind is None:  # not kept: there is no end to what a server may call an effect
            return self.keep
        hook = self[value] = self.converter.get_structure_hook(kind)
        return hook

    @cached_property
    def keep(self) -> Hook:
        """What reads a member under a tag that is not known: it is kept whole."""
        return self.converter.get_structure_hook(self.tag.unknown)

    def keep_unfit(self, members: dict[str, Any]) -> Any:
        """Return what its class cannot hold: it is kept whole, so that a class promises what is in it."""
        note_mismatch()
        return self.keep(members, None)


def no_tag(_: object) -> None:
    """Return the key of a tag that is not a text; a list or an object cannot be looked up."""
    note_mismatch()
