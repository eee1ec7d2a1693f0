"""Customers' attributes, brought to Talon.One by the thousand."""

from collections.abc import Hashable, Mapping, Sequence
from types import NoneType
from typing import Any

import orjson

from aiotalonone.bulk.job import Job
from aiotalonone.bulk.subject import Subject, UnfitRecordError
from aiotalonone.client import AsyncIntegrationClient


class _Profiles(Subject):
    """Updates of customer profiles."""

    operation_id = "updateCustomerProfilesV2"
    collection = "customerProfiles"
    customer_member = "integrationId"
    keyed = True

    async def send(self, client: AsyncIntegrationClient, records: Sequence[orjson.Fragment]) -> None:
        await client.customers.update_customer_profiles_v2({self.collection: records}, silent=True)

    def customers(self, records: Sequence[Any]) -> list[str]:
        """The attributes must be a mapping, else they could not be merged."""
        kinds = set(map(type, self.members(records, "attributes")))
        if not all(issubclass(kind, (Mapping, NoneType)) for kind in kinds):
            raise UnfitRecordError("attributes must be an object")
        return super().customers(records)

    def targets(self, records: Sequence[Any], customers: Sequence[str]) -> Sequence[Hashable]:  # noqa: ARG002
        return customers

    def merged(self, earlier: Mapping[str, Any], later: Mapping[str, Any]) -> Mapping[str, Any]:
        """The API sets each attribute by itself."""
        both = {**earlier, **later}
        attributes = [members["attributes"] for members in (earlier, later) if members.get("attributes") is not None]
        if attributes:
            both["attributes"] = {name: value for some in attributes for name, value in some.items()}
        return both


class ProfileSync(Job):
    """Brings customers' attributes to Talon.One.

    A record is a ``MultipleCustomerProfileIntegrationRequestItem``, or a mapping in JSON names such as
    ``{"integrationId": "c-1", "attributes": {"tier": "gold"}}``.

    API: ``updateCustomerProfilesV2``, PUT /v2/customer_profiles.
    """

    _subject = _Profiles()
