"""The campaign file of the sandbox that runs, and its schema."""

from aiotalonone.sandbox.campaign_file.schema import campaign_schema
from aiotalonone.sandbox.control._base import resource
from aiotalonone.sandbox.http.messages import Request, Response
from aiotalonone.sandbox.platform import Platform


@resource("GET", "/sandbox/campaigns")
def get_campaigns(platform: Platform, request: Request) -> Response:  # noqa: ARG001 - resources share one signature
    """Return the content of the campaign file."""
    return Response(200, platform.campaigns)


@resource("PUT", "/sandbox/campaigns")
def put_campaigns(platform: Platform, request: Request) -> Response:
    """Replace the campaign file."""
    platform.use_campaigns(request.json())
    return Response(204)


@resource("GET", "/sandbox/schema")
def get_schema(platform: Platform, request: Request) -> Response:  # noqa: ARG001 - resources share one signature
    """Return the JSON schema of campaign files."""
    return Response(200, campaign_schema())
