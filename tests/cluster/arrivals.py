"""What the tests on clusters wait for: a condition, or what arrives at an API."""

import asyncio
import json

from attrs import define, field

SECONDS = 120.0
"""How long something may take on a busy machine."""
SHARE_OF_A_BUSY_MACHINE = 0.7
"""Of the rate, which a machine without other work keeps within 5 %."""


async def until(condition):
    """Wait until a condition holds, and return its value."""
    async with asyncio.timeout(SECONDS):
        while not (value := condition()):  # noqa: ASYNC110 - nothing tells of another process
            await asyncio.sleep(0.02)
    return value


@define
class Arrivals:
    """An API that accepts all records after a while, and notes what arrives, and when."""

    latency: float = 0.0
    is_strict: bool = False
    """Whether it rejects all records instead, and says nothing of the reason."""
    url: str = ""
    """Where it is served."""
    times: list[float] = field(factory=list)
    profiles: list[dict] = field(factory=list)
    """The records of all requests, in the order of their arrival; those of a repeated request are there once."""
    _keys: set[bytes] = field(factory=set)

    async def __call__(self, scope, receive, send):
        """Respond to a request."""
        if scope["type"] != "http":
            raise NotImplementedError
        self.times.append(asyncio.get_running_loop().time())
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        key = dict(scope["headers"])[b"idempotency-key"]
        if self.is_strict:
            await send({"type": "http.response.start", "status": 400, "headers": []})
            await send({"type": "http.response.body", "body": b'{"message": "no"}'})
            return
        if key not in self._keys:
            self._keys.add(key)
            self.profiles += json.loads(body)["customerProfiles"]
        await asyncio.sleep(self.latency)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})
