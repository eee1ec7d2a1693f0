"""The campaign file, to be edited, and what the sandbox makes of it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from aiotalonone.sandbox import json
from aiotalonone.sandbox.rules.campaigns import Campaign
from aiotalonone.sandbox.window.json_text import indented
from aiotalonone.sandbox.window.views._base import Asked


def show(asked: Asked) -> dict[str, Any]:
    """Return the view of the campaigns."""
    platform = asked.platform
    coupons = Counter(coupon.campaign_id for coupon in platform.state.coupons.values())
    entries = platform.campaigns.get("campaigns") or ()
    return {
        "file": indented(dict(platform.campaigns)),
        "campaigns": [
            _shown(campaign, entry, coupons[campaign.id], is_running=campaign.is_active_at(platform.clock()))
            for campaign, entry in zip(platform.account.campaigns.values(), entries, strict=True)
        ],
    }


def _shown(campaign: Campaign, entry: Mapping[str, Any], coupons: int, *, is_running: bool) -> dict[str, Any]:
    return {
        "id": campaign.id,
        "name": campaign.name,
        "state": campaign.state if is_running or campaign.state != "enabled" else "enabled, not running",
        "is_running": is_running,
        "start": campaign.start_time,
        "end": campaign.end_time,
        "coupons": coupons,
        "rules": [
            {
                "name": rule["name"],
                "conditions": _in_words(rule.get("conditions") or ()),
                "effects": _in_words(rule.get("effects") or ()),
            }
            for rule in entry.get("rules") or ()
        ],
    }


def _in_words(entries: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return conditions or effects on one line each: the type, and what else the file says."""
    return [": ".join([entry["type"], *_members(entry)]) for entry in entries]


def _members(entry: Mapping[str, Any]) -> list[str]:
    members = {name: value for name, value in entry.items() if name != "type" and value is not None}
    words = [f"{name} {value if isinstance(value, str) else _json(value)}" for name, value in members.items()]
    return [", ".join(words)] if words else []


def _json(value: Any) -> str:
    return json.dumps(value).decode()
