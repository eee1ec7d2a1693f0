"""An API that does what a script says, attempt by attempt, behind the client's own transport or an external client."""

import asyncio
from collections.abc import Iterable
from contextlib import asynccontextmanager
from functools import partial

import httpx
import respx
from attrs import define, field

from aiotalonone import RetryPolicy
from tests.support.clients import BASE_URL, library_of, make_client

HANG = "hang"
CART = {"customerSession": {"profileId": "c-1"}}
STATE = {"effects": []}


@define
class ScriptedApi:
    """What the attempts meet, in order; the last ending is met by all that follow.

    An ending is a status, a response, an exception to raise, ``HANG``, or a function of the request.
    """

    endings: Iterable
    requests: list[httpx.Request] = field(factory=list)
    times: list[float] = field(factory=list)

    async def __call__(self, request):
        """Play the ending of one attempt."""
        self.times.append(asyncio.get_running_loop().time())
        self.requests.append(request)
        ending = self.endings[min(len(self.requests), len(self.endings)) - 1]
        if callable(ending) and not isinstance(ending, type):
            ending = await ending(request)
        if ending == HANG:
            await asyncio.Event().wait()
        if isinstance(ending, (type, BaseException)):
            raise ending
        return httpx.Response(ending, json=STATE) if isinstance(ending, int) else ending

    @property
    def keys(self):
        """The idempotency key of each attempt."""
        return [request.headers.get("idempotency-key") for request in self.requests]

    @property
    def pauses(self):
        """The seconds between each attempt and the next."""
        return [later - earlier for earlier, later in zip(self.times, self.times[1:], strict=False)]


async def translated(script, library, request):
    """Play an attempt in the library's own classes; scripts are written in those of httpx."""
    try:
        response = await script(request)
    except httpx.HTTPError as failure:
        raise getattr(library, type(failure).__name__)(str(failure)) from failure
    if library is httpx:
        return response
    content = await response.aread()
    return library.Response(response.status_code, headers=response.headers.raw, content=content)


@asynccontextmanager
async def scripted_client(transport, *endings, **options):
    """Open a client with the default retries; yield it and the script of its API."""
    script = ScriptedApi(endings)
    options = {"retry": RetryPolicy(), **options}
    if transport != "own":
        library = library_of(transport)
        mock = library.MockTransport(partial(translated, script, library))
        async with make_client(transport, BASE_URL, http_options={"transport": mock}, **options) as client:
            yield client, script
    else:
        with respx.mock(assert_all_called=False) as router:
            router.route().mock(side_effect=script)
            async with make_client(transport, BASE_URL, **options) as client:
                yield client, script


async def close_session(client, cart="cart-1"):
    """Make a call that honours an idempotency key, in the lane of its session."""
    return await client.sessions.update_customer_session_v2(cart, CART)


async def create_referral(client):
    """Make a call of an operation that is unsafe to retry."""
    return await client.referrals.create_referral({"campaignId": 1, "advocateProfileIntegrationId": "c-1"})
