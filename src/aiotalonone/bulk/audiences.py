"""Who belongs to which audience, brought to Talon.One by the thousand."""

from collections.abc import Hashable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson

from aiotalonone.bulk.job import Job
from aiotalonone.bulk.subject import Subject, as_mapping
from aiotalonone.client import AsyncIntegrationClient
from aiotalonone.errors import APIStatusError


class _Memberships(Subject):
    """Customers who join and leave audiences."""

    operation_id = "updateCustomerProfileAudiences"
    collection = "data"
    customer_member = "profileIntegrationId"
    keyed = False

    async def send(self, client: AsyncIntegrationClient, records: Sequence[orjson.Fragment]) -> None:
        await client.customers.update_customer_profile_audiences({self.collection: records})

    def targets(self, records: Sequence[Any], customers: Sequence[str]) -> Sequence[Hashable]:
        audiences = (str(as_mapping(record).get("audienceId")) for record in records)
        return list(zip(customers, audiences, strict=True))

    def merged(self, earlier: Mapping[str, Any], later: Mapping[str, Any]) -> Mapping[str, Any]:
        """The last action is the one that counts; an `add` that was taken back has still made the profile."""
        return {**earlier, **later}

    def refuses(self, error: APIStatusError) -> bool:
        """An audience that does not exist is a 404 in the API's words; without any, it is another host's."""
        in_its_words = isinstance(error.body, Mapping) and "message" in error.body
        return super().refuses(error) or (error.status == HTTPStatus.NOT_FOUND and in_its_words)


class AudienceSync(Job):
    """Brings to Talon.One who joins and who leaves audiences.

    A record is a ``CustomerProfileAudienceRequestItem``, or a mapping in JSON names such as
    ``{"action": "add", "profileIntegrationId": "c-1", "audienceId": 7}``.

    API: ``updateCustomerProfileAudiences``, POST /v2/customer_audiences.
    """

    _subject = _Memberships()
