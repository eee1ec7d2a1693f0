"""The vendor's SDK, as its users call it: a model for each profile, and threads, since it blocks."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from threading import Semaphore
from typing import Any

from meter import measured
from talon_one import ApiClient, Configuration, IntegrationApi
from talon_one.models import MultipleCustomerProfileIntegrationRequest, MultipleCustomerProfileIntegrationRequestItem


def main(url: str, source: str, callers: int) -> None:
    """Send all profiles of a source."""
    configuration = Configuration(host=url, api_key={"api_key_v1": "key"}, api_key_prefix={"api_key_v1": "ApiKey-v1"})
    configuration.connection_pool_maxsize = callers
    api = IntegrationApi(ApiClient(configuration))
    places = Semaphore(callers)

    def send(batch: list[dict[str, Any]]) -> None:
        try:
            items = [
                MultipleCustomerProfileIntegrationRequestItem(
                    integration_id=profile["integrationId"], attributes=profile["attributes"]
                )
                for profile in batch
            ]
            api.update_customer_profiles_v2(
                MultipleCustomerProfileIntegrationRequest(customer_profiles=items), silent="yes"
            )
        finally:
            places.release()

    with measured(), ThreadPoolExecutor(callers) as threads, Path(source).open("rb") as lines:
        profiles = map(json.loads, lines)
        while batch := list(islice(profiles, 1000)):
            places.acquire()
            threads.submit(send, batch)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
