"""The operations and their addresses, as data."""

from collections.abc import Callable, Collection
from urllib.parse import unquote

from attrs import define, field

from aiotalonone.sandbox.calls import Answer, Call, Desk
from aiotalonone.sandbox.gate import Lane
from aiotalonone.sandbox.lanes import of_event, of_profile, of_session_v1, of_session_v2
from aiotalonone.sandbox.operations import (
    audiences,
    coupons,
    erasure,
    events,
    faults,
    inventory,
    profiles,
    referrals,
    sessions,
    summary,
)
from aiotalonone.sandbox.problems import ProblemError
from aiotalonone.sandbox.state import State

VALUE = "{}"


def _never(_: Call) -> bool:
    return False


@define(frozen=True)
class Route:
    """One operation: where it is, who performs it, and what surrounds it."""

    operation_id: str
    method: str
    template: str
    perform: Callable[[Desk, Call], Answer]
    lanes: Callable[[Call, State], Collection[Lane]] = lambda *_: ()
    """What it must have for itself while it runs."""
    dry: Callable[[Call], bool] = _never
    """Whether a call stores nothing."""
    idempotent: bool = False
    """Whether it honours idempotency keys."""
    management: bool = False
    """Whether a management token opens it as well."""
    own: bool = False
    """Whether it is the sandbox's, and no operation of the platform."""
    segments: tuple[str, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "segments", tuple(self.template.split("/")))

    @property
    def changes(self) -> bool:
        """Whether it changes anything on the platform."""
        return self.method != "GET" and not self.own


@define(frozen=True)
class Match:
    """A route and the decoded value in its path."""

    route: Route
    value: str


def _if_asked(call: Call) -> bool:
    return call.dry


def _if_asked_with_rules(call: Call) -> bool:
    """Without the rules, ``dry`` is passed over and the update is stored."""
    return call.dry and call.flag("runRuleEngine")


ROUTES = (
    Route(
        "updateCustomerSessionV2",
        "PUT",
        "/v2/customer_sessions/{}",
        sessions.update_customer_session_v2,
        lanes=of_session_v2,
        idempotent=True,
        dry=_if_asked,
    ),
    Route(
        "updateCustomerProfilesV2",
        "PUT",
        "/v2/customer_profiles",
        profiles.update_customer_profiles_v2,
        idempotent=True,
    ),
    Route(
        "updateCustomerProfileV2",
        "PUT",
        "/v2/customer_profiles/{}",
        profiles.update_customer_profile_v2,
        lanes=of_profile,
        idempotent=True,
        dry=_if_asked_with_rules,
    ),
    Route(
        "updateCustomerProfileAudiences",
        "POST",
        "/v2/customer_audiences",
        audiences.update_customer_profile_audiences,
        management=True,
    ),
    Route(
        "updateCustomerProfile",
        "PUT",
        "/v1/customer_profiles/{}",
        profiles.update_customer_profile,
        lanes=of_profile,
        dry=_if_asked,
    ),
    Route(
        "updateCustomerSession",
        "PUT",
        "/v1/customer_sessions/{}",
        sessions.update_customer_session,
        lanes=of_session_v1,
        dry=_if_asked,
    ),
    Route("trackEvent", "POST", "/v1/events", events.track_event, lanes=of_event, dry=_if_asked),
    Route("createReferral", "POST", "/v1/referrals", referrals.create_referral),
    Route(
        "createReferralsForMultipleAdvocates",
        "POST",
        "/v1/referrals_for_multiple_advocates",
        referrals.create_referrals_for_multiple_advocates,
    ),
    Route("deleteCustomerData", "DELETE", "/v1/customer_data/{}", erasure.delete_customer_data),
    Route("createCouponReservation", "POST", "/v1/coupon_reservations/{}", coupons.create_coupon_reservation),
    Route("deleteCouponReservation", "DELETE", "/v1/coupon_reservations/{}", coupons.delete_coupon_reservation),
    Route(
        "getReservedCustomers",
        "GET",
        "/v1/coupon_reservations/customerprofiles/{}",
        coupons.get_reserved_customers,
    ),
    Route(
        "getCustomerInventory",
        "GET",
        "/v1/customer_profiles/{}/inventory",
        inventory.get_customer_inventory,
    ),
    Route("sandboxState", "GET", "/sandbox/state", summary.sandbox_state, own=True),
    Route("sandboxFaults", "PUT", "/sandbox/faults", faults.sandbox_faults, own=True),
)

OPERATION_IDS = frozenset(route.operation_id for route in ROUTES if not route.own)


def find_route(method: str, raw_path: str) -> Match:
    """The route for a path as it came over the wire, so that an encoded slash stays inside its segment.

    Raises:
        ProblemError: 404 for an unknown path, 405 for a known one with another method.
    """
    steps = raw_path.split("/")
    matches = [Match(route, value) for route in ROUTES if (value := _value(route, steps)) is not None]
    for match in matches:
        if match.route.method == method:
            return match
    if matches:
        allowed = ", ".join(sorted({match.route.method for match in matches}))
        raise ProblemError(405, "Method not allowed", headers={"Allow": allowed})
    raise ProblemError(404, "Resource not found")


def _value(route: Route, steps: list[str]) -> str | None:
    """The decoded value of a fitting path, empty where the path has none; None where it does not fit."""
    if len(steps) != len(route.segments):
        return None
    value = ""
    for segment, step in zip(route.segments, steps, strict=True):
        if segment == VALUE and step:
            value = unquote(step)
        elif segment != step:
            return None
    return value
