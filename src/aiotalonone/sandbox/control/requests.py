"""The requests that were recorded."""

from itertools import islice
from typing import Any

from aiotalonone.sandbox.control._base import JSON, limit_of, resource
from aiotalonone.sandbox.http.messages import Request, Response
from aiotalonone.sandbox.http.problems import not_found
from aiotalonone.sandbox.platform import Platform
from aiotalonone.sandbox.recording.requests import RecordedBody, RecordedRequest
from aiotalonone.sandbox.rules.trace import CampaignTrace, CodeTrace, RuleTrace, Trace


@resource("GET", "/sandbox/requests")
def get_requests(platform: Platform, request: Request) -> Response:
    """Return the last requests, the newest first."""
    query = request.query
    return Response(200, requests_json(platform, after=query.integer("after", 0), limit=limit_of(query)))


@resource("GET", "/sandbox/requests/{number}")
def get_request(platform: Platform, request: Request) -> Response:
    """Return a request with its bodies, and what the rules did."""
    recorded = platform.requests.get(request.path_integer("number"))
    if recorded is None:
        raise not_found("Request")
    return Response(200, request_json(recorded))


def requests_json(platform: Platform, *, after: int, limit: int) -> JSON:
    """Return the requests whose number is higher than a known one, the newest first, without bodies."""
    newer = (recorded for recorded in reversed(platform.requests) if recorded.number > after)
    shown = list(islice(newer, limit + 1))
    return {
        "total": len(platform.requests),
        "hasMore": len(shown) > limit,
        "data": [summary_json(recorded) for recorded in shown[:limit]],
    }


def summary_json(recorded: RecordedRequest) -> JSON:
    """Return a request without its bodies."""
    return {
        "number": recorded.number,
        "time": recorded.time,
        "durationMs": None if recorded.duration_ms is None else round(recorded.duration_ms, 3),
        "method": recorded.method,
        "path": recorded.path,
        "query": recorded.query_string,
        "operationId": recorded.operation_id,
        "dry": recorded.dry,
        "replayed": recorded.replayed,
        "fault": None if recorded.fault is None else recorded.fault.value,
        "status": recorded.status,
        "effects": recorded.effects,
    }


def request_json(recorded: RecordedRequest) -> JSON:
    """Return a request with its bodies, and what the rules did."""
    return summary_json(recorded) | {
        "headers": dict(recorded.headers),
        "request": body_json(recorded.request_body),
        "response": body_json(recorded.response),
        "trace": None if recorded.trace is None else trace_json(recorded.trace),
    }


def body_json(body: RecordedBody) -> JSON:
    """Return a body: its JSON value if it has one, else its text as far as it is recorded."""
    shown: JSON = {"bytes": body.length, "isCut": body.is_cut}
    try:
        return shown | {"json": body.json()}
    except ValueError:
        return shown | {"text": body.content.decode(errors="replace")}


def trace_json(trace: Trace) -> JSON:
    """Return what a run of the rules did."""
    return {
        "subject": trace.subject,
        "final": trace.final,
        "codes": [code_json(code) for code in trace.codes],
        "campaigns": [_campaign_json(campaign) for campaign in trace.campaigns],
        "omittedRules": trace.omitted_rules,
        "cart": None if trace.cart is None else trace.cart.json(),
    }


def code_json(code: CodeTrace) -> JSON:
    """Return a code that was accepted or rejected."""
    return {
        "kind": code.kind,
        "code": code.code,
        "accepted": code.accepted,
        "campaignId": code.campaign_id,
        "rejectionReason": code.rejection_reason,
        "reason": code.reason,
    }


def _campaign_json(campaign: CampaignTrace) -> JSON:
    return {"id": campaign.id, "name": campaign.name, "rules": [_rule_json(rule) for rule in campaign.rules]}


def _rule_json(rule: RuleTrace) -> dict[str, Any]:
    return {
        "index": rule.index,
        "name": rule.name,
        "fired": rule.fired,
        "reason": rule.reason,
        "conditionIndex": rule.condition_index,
        "effectIndex": rule.effect_index,
        "code": rule.code,
    }
