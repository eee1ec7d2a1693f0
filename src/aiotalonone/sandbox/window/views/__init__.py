"""What each view shows: a function of the platform and of the query, for the template of the same name."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import define

from aiotalonone.sandbox.platform import Platform
from aiotalonone.sandbox.window.views import campaigns, control, coupons, points, profiles, requests, run, sessions
from aiotalonone.sandbox.window.views._base import Asked


@define(frozen=True)
class View:
    """A view: what the navigation calls it, and what it shows."""

    label: str
    show: Callable[[Asked], dict[str, Any]]
    count: Callable[[Platform], int] | None = None
    """How many entries it has."""


VIEWS: Final[Mapping[str, View]] = {
    "requests": View("Requests", requests.show, lambda platform: len(platform.requests)),
    "sessions": View("Sessions", sessions.show, lambda platform: len(platform.state.sessions)),
    "profiles": View("Profiles", profiles.show, lambda platform: len(platform.state.profiles)),
    "coupons": View("Coupons", coupons.show, lambda platform: len(platform.state.coupons)),
    "points": View("Points", points.show, lambda platform: len(platform.state.loyalty_accounts)),
    "run": View("Run a session", run.show),
    "campaigns": View("Campaigns", campaigns.show),
    "control": View("Clock and faults", control.show),
}
"""By the last step of their addresses, in the order of the navigation."""

__all__ = ["VIEWS", "Asked", "View"]
