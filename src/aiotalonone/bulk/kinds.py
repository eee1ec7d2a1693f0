"""What differs between the jobs: how their records are read, merged, sent and rejected."""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from http import HTTPStatus
from types import NoneType
from typing import Any, ClassVar, Final, NoReturn

import attrs

from aiotalonone.client import AsyncIntegrationClient
from aiotalonone.codec import unstructure
from aiotalonone.endpoints.customers import UPDATE_CUSTOMER_PROFILE_AUDIENCES, UPDATE_CUSTOMER_PROFILES_V2
from aiotalonone.errors import APIStatusError
from aiotalonone.operation import Operation, RetrySafety

MAX_ID_LENGTH: Final = 1000

_REJECTED: Final = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY}
)


class InvalidRecordError(ValueError):
    """A record cannot be sent; the message contains none of its values."""


class InvalidRecord(dict[str, Any]):
    """A record that its source found invalid: the job rejects it with the reason, at its position in the source.

    Args:
        members: What is known of the record, for the rejects file.
        reason: Why it cannot be sent, without any of its values.
    """

    def __init__(self, members: Mapping[str, Any], reason: str) -> None:
        super().__init__(members)
        self.reason = reason

    def get(self, *_: object) -> NoReturn:
        """Raise: a job asks each record for its members before it sends it.

        Raises:
            InvalidRecordError: Always.
        """
        raise InvalidRecordError(self.reason)


class RecordKind(ABC):
    """One kind of record, and the operation that takes up to 1000 of them."""

    operation: ClassVar[Operation[Any]]
    model: ClassVar[str]
    """Name of the model of a record."""
    collection: ClassVar[str]
    """The request's member that holds the records."""
    entity_member: ClassVar[str]
    """The record's member that names what it updates: the customer's integration ID."""

    @property
    def uses_idempotency_key(self) -> bool:
        """Whether the operation honours an idempotency key."""
        return self.operation.retry_safety is RetrySafety.IDEMPOTENCY_KEY

    @property
    def destination(self) -> str:
        """What a job sends its records to: it is resumed with the same alone."""
        return self.operation.operation_id

    def group(self, records: Sequence[Any]) -> Hashable:  # noqa: ARG002
        """Return what the records of one request must have in common, of records that ``entities`` accepted."""
        return None

    @abstractmethod
    async def send(self, client: AsyncIntegrationClient, records: Sequence[Any]) -> None:
        """Send records, which may be JSON text already.

        Raises:
            TalonOneError: They were not accepted.
        """

    @abstractmethod
    def targets(self, records: Sequence[Any], entities: Sequence[str]) -> Sequence[Hashable]:
        """Return what each record updates: records with the same target in one request are merged."""

    @abstractmethod
    def merge(self, earlier: Mapping[str, Any], later: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return one record with the effect of two records that are sent one after the other."""

    def is_record_error(self, error: APIStatusError) -> bool:
        """Return whether the API rejected a record of the request, rather than the request itself."""
        return error.status in _REJECTED

    def entities(self, records: Sequence[Any]) -> list[str]:
        """Return the integration ID of each record's customer.

        Raises:
            InvalidRecordError: A record has no valid ID, or cannot be sent for another reason.
        """
        ids = self.members(records, self.entity_member)
        if set(map(type, ids)) != {str} or not all(ids) or max(map(len, ids)) > MAX_ID_LENGTH:
            raise InvalidRecordError(f"{self.entity_member} must be a string of 1 to {MAX_ID_LENGTH} characters")
        return ids

    def members(self, records: Sequence[Any], name: str) -> list[Any]:
        """Return one member of each record, ``None`` if it is absent.

        Raises:
            InvalidRecordError: A record is neither a mapping nor a model.
        """
        try:
            return [record.get(name) for record in records]
        except (AttributeError, TypeError):  # models, or not records at all
            return [as_mapping(record).get(name) for record in records]


class Profiles(RecordKind):
    """Updates of customer profiles."""

    operation = UPDATE_CUSTOMER_PROFILES_V2
    model = "MultipleCustomerProfileIntegrationRequestItem"
    collection = "customerProfiles"
    entity_member = "integrationId"

    async def send(self, client: AsyncIntegrationClient, records: Sequence[Any]) -> None:
        """Send profiles; the response has no states of them."""
        await client.customers.update_customer_profiles_v2({self.collection: records}, silent=True)

    def entities(self, records: Sequence[Any]) -> list[str]:
        """Return the integration IDs; attributes must be a mapping as well, or they could not be merged."""
        types = set(map(type, self.members(records, "attributes")))
        if not all(issubclass(type_, (Mapping, NoneType)) for type_ in types):
            raise InvalidRecordError("attributes must be an object")
        return super().entities(records)

    def targets(self, records: Sequence[Any], entities: Sequence[str]) -> Sequence[Hashable]:  # noqa: ARG002
        """Return the customers: each record updates one profile."""
        return entities

    def merge(self, earlier: Mapping[str, Any], later: Mapping[str, Any]) -> Mapping[str, Any]:
        """Merge attribute by attribute, as the API sets each of them on its own."""
        merged = {**earlier, **later}
        attributes = [record["attributes"] for record in (earlier, later) if record.get("attributes") is not None]
        if attributes:
            merged["attributes"] = {name: value for some in attributes for name, value in some.items()}
        return merged


class Memberships(RecordKind):
    """Customers who join and leave audiences."""

    operation = UPDATE_CUSTOMER_PROFILE_AUDIENCES
    model = "CustomerProfileAudienceRequestItem"
    collection = "data"
    entity_member = "profileIntegrationId"

    async def send(self, client: AsyncIntegrationClient, records: Sequence[Any]) -> None:
        """Send memberships."""
        await client.customers.update_customer_profile_audiences({self.collection: records})

    def targets(self, records: Sequence[Any], entities: Sequence[str]) -> Sequence[Hashable]:
        """Return customer and audience of each record."""
        audiences = (str(as_mapping(record).get("audienceId")) for record in records)
        return list(zip(entities, audiences, strict=True))

    def merge(self, earlier: Mapping[str, Any], later: Mapping[str, Any]) -> Mapping[str, Any]:
        """Keep the last action; the profile that an undone ``add`` would have created is not created."""
        return {**earlier, **later}

    def is_record_error(self, error: APIStatusError) -> bool:
        """Return True for an unknown audience, too: a 404 with the API's message. Other 404s are another host's."""
        has_message = isinstance(error.body, Mapping) and "message" in error.body
        return super().is_record_error(error) or (error.status == HTTPStatus.NOT_FOUND and has_message)


def as_mapping(record: Any) -> Mapping[str, Any]:
    """Return a record, which may be a model, as a mapping in the API's JSON names.

    Raises:
        InvalidRecordError: It is neither a mapping nor a model.
    """
    members = unstructure(record) if attrs.has(type(record)) else record
    if not isinstance(members, Mapping):
        raise InvalidRecordError(f"a record must be a model or a mapping in JSON names, not {type(record).__name__}")
    return members
