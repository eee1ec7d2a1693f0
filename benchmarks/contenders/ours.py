"""The client: as it is by default, and on clients that the caller brings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiotalonone import AsyncIntegrationClient, RetryPolicy, Timeouts
from aiotalonone.models import CartItem, IntegrationRequest, NewCustomerSessionV2
from benchmarks import payloads
from benchmarks.contenders import AsyncCall
from benchmarks.contenders.target import API_KEY, TIMEOUT, Target


def request() -> IntegrationRequest:
    """Build the update of a session, as a caller does for each call."""
    session = payloads.SESSION
    return IntegrationRequest(
        customer_session=NewCustomerSessionV2(
            profile_id=session["profileId"],
            coupon_codes=session["couponCodes"],
            state=session["state"],
            cart_items=[CartItem(**item) for item in session["cartItems"]],
            attributes=session["attributes"],
        )
    )


@asynccontextmanager
async def client(url: str, **options: Any) -> AsyncIterator[AsyncIntegrationClient]:
    """Open a client that waits as long as the other contenders."""
    timeouts = Timeouts(connect=TIMEOUT, pool=TIMEOUT, write=TIMEOUT, read=TIMEOUT)
    async with AsyncIntegrationClient(
        url, api_key=API_KEY, timeouts=timeouts, deadline=2 * TIMEOUT, **options
    ) as opened:
        yield opened


def update_with(opened: AsyncIntegrationClient) -> AsyncCall:
    """Return the call that is measured."""
    return lambda session: opened.sessions.update_customer_session_v2(session, request())


@asynccontextmanager
async def ours(target: Target, **options: Any) -> AsyncIterator[AsyncCall]:
    """Use the client by default."""
    async with client(
        target.url, max_connections=target.max_connections, ssl_context=target.ssl_context(), **options
    ) as opened:
        yield update_with(opened)


@asynccontextmanager
async def ours_one_attempt(target: Target) -> AsyncIterator[AsyncCall]:
    """Use the client without retries."""
    async with ours(target, retry=RetryPolicy(attempts=1)) as call:
        yield call


@asynccontextmanager
async def ours_warmed_up(target: Target) -> AsyncIterator[AsyncCall]:
    """Use the client after it was asked to prepare itself."""
    async with client(target.url) as opened:
        await opened.warm_up()
        yield update_with(opened)


@asynccontextmanager
async def ours_on_httpx(target: Target) -> AsyncIterator[AsyncCall]:
    """Use the client on an ``httpx.AsyncClient``."""
    from benchmarks.contenders.httpx_clients import httpx_client  # noqa: PLC0415 - loads httpx

    async with httpx_client(target) as http_client, client(target.url, http_client=http_client) as opened:
        yield update_with(opened)


@asynccontextmanager
async def ours_on_httpx2(target: Target) -> AsyncIterator[AsyncCall]:
    """Use the client on an ``httpx2.AsyncClient``."""
    from benchmarks.contenders.httpx_clients import httpx2_client  # noqa: PLC0415 - may not be installed

    async with httpx2_client(target) as http_client, client(target.url, http_client=http_client) as opened:
        yield update_with(opened)
