"""What differs from one kind of job to another: how a record is read, merged, sent and refused."""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar, Final, NoReturn

import attrs
import orjson

from aiotalonone.client import AsyncIntegrationClient
from aiotalonone.codec import unstructure
from aiotalonone.errors import APIStatusError

LONGEST_ID: Final = 1000

_REFUSED: Final = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY}
)


class UnfitRecordError(ValueError):
    """A record that cannot be sent; the message repeats nothing of it."""


class UnfitRecord(dict[str, Any]):
    """A record that its source knows to be unfit: it is set aside with the reason, in its place among the others.

    Args:
        members: What there is of it, for the file of rejects.
        reason: Why it cannot be sent, without a value of it.
    """

    def __init__(self, members: Mapping[str, Any], reason: str) -> None:
        super().__init__(members)
        self.reason = reason

    def get(self, *_: object) -> NoReturn:
        """Refuse: a job asks each record for its members before it sends it.

        Raises:
            UnfitRecordError: Always.
        """
        raise UnfitRecordError(self.reason)


class Subject(ABC):
    """One kind of record, and the operation that takes up to 1000 of them."""

    operation_id: ClassVar[str]
    collection: ClassVar[str]
    """The request's member that holds the records."""
    customer_member: ClassVar[str]
    """The record's member that names its customer."""
    keyed: ClassVar[bool]
    """Whether the operation honours an idempotency key."""

    @abstractmethod
    async def send(self, client: AsyncIntegrationClient, records: Sequence[orjson.Fragment]) -> None:
        """Send records, encoded in pieces.

        Raises:
            TalonOneError: They were not accepted.
        """

    @abstractmethod
    def targets(self, records: Sequence[Any], customers: Sequence[str]) -> Sequence[Hashable]:
        """What each record updates: two of the same target in one request are merged."""

    @abstractmethod
    def merged(self, earlier: Mapping[str, Any], later: Mapping[str, Any]) -> Mapping[str, Any]:
        """The record that does what two of the same target would do one after the other."""

    def refuses(self, error: APIStatusError) -> bool:
        """Whether the API minds a record of the request, rather than the request itself."""
        return error.status in _REFUSED

    def customers(self, records: Sequence[Any]) -> list[str]:
        """Whom each record is about.

        Raises:
            UnfitRecordError: A record does not say, or cannot be sent for another reason.
        """
        names = self.members(records, self.customer_member)
        if set(map(type, names)) != {str} or not all(names) or max(map(len, names)) > LONGEST_ID:
            raise UnfitRecordError(f"{self.customer_member} must be a text of 1 to {LONGEST_ID} characters")
        return names

    def members(self, records: Sequence[Any], name: str) -> list[Any]:
        """One member of each record, ``None`` where it is left out.

        Raises:
            UnfitRecordError: One is no record.
        """
        try:
            return [record.get(name) for record in records]
        except (AttributeError, TypeError):  # models, or what is no record
            return [as_mapping(record).get(name) for record in records]


def as_mapping(record: Any) -> Mapping[str, Any]:
    """A record in the API's JSON names, where it is a model too.

    Raises:
        UnfitRecordError: It is neither a mapping nor a model.
    """
    members = unstructure(record) if attrs.has(type(record)) else record
    if not isinstance(members, Mapping):
        raise UnfitRecordError(f"a record must be a model or a mapping in JSON names, not {type(record).__name__}")
    return members
