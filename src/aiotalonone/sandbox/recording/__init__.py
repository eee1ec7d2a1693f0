"""What is recorded of requests, and the feed of what happens to the sandbox, for all who watch it."""

from aiotalonone.sandbox.recording.feed import Feed, SandboxEvent, Subscription
from aiotalonone.sandbox.recording.middleware import REQUEST_NUMBER, RecordingMiddleware
from aiotalonone.sandbox.recording.requests import RecordedRequest, RequestLog

__all__ = [
    "REQUEST_NUMBER",
    "Feed",
    "RecordedRequest",
    "RecordingMiddleware",
    "RequestLog",
    "SandboxEvent",
    "Subscription",
]
