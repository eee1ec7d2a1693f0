"""What a request changes about a session, read from the words of V1 or V2."""

from typing import Any

from attrs import define

from aiotalonone.sandbox import limits
from aiotalonone.sandbox.calls import Desk
from aiotalonone.sandbox.operations.attributes import read_attributes
from aiotalonone.sandbox.operations.cart_items import read_additional_costs, read_cart_items
from aiotalonone.sandbox.reading import Members

STATES = ("open", "closed", "partially_returned", "cancelled")


@define(frozen=True)
class SessionChanges:
    """The members that a request gives; whatever it leaves out is not in here."""

    state: str | None
    attributes: dict[str, Any]
    content: dict[str, Any]
    """New values by the name of the session's field."""
    names: dict[str, str]
    """How the request calls those fields."""


def read_changes_v1(desk: Desk, members: Members) -> SessionChanges:
    """Reads a V1 session: one coupon, one referral, and a total of its own."""
    changes = _Reader(desk, members)
    changes.read_common()
    changes.read("coupon", "coupon_codes", _single_code(members))
    changes.read("referral", "referral_code", members.text("referral", at_most=limits.CODE_LENGTH))
    changes.read("total", "stated_total", members.amount("total"))
    return changes.done()


def read_changes_v2(desk: Desk, members: Members) -> SessionChanges:
    """Reads a V2 session."""
    changes = _Reader(desk, members)
    changes.read_common()
    changes.read("couponCodes", "coupon_codes", tuple(members.texts("couponCodes", longest=limits.CODE_LENGTH)))
    changes.read("referralCode", "referral_code", members.text("referralCode", at_most=limits.CODE_LENGTH))
    changes.read("loyaltyCards", "loyalty_cards", tuple(members.texts("loyaltyCards", at_most=limits.LOYALTY_CARDS)))
    changes.read("evaluableCampaignIds", "evaluable_campaign_ids", tuple(members.integers("evaluableCampaignIds")))
    changes.read("storeIntegrationId", "store_integration_id", members.text("storeIntegrationId"))
    changes.read("additionalCosts", "additional_costs", read_additional_costs(members))
    return changes.done()


class _Reader:
    def __init__(self, desk: Desk, members: Members) -> None:
        self._desk = desk
        self._members = members
        self._content: dict[str, Any] = {}
        self._names: dict[str, str] = {}

    def read(self, name: str, field: str, value: Any) -> None:
        """Takes a member over, unless the request leaves it out."""
        if name in self._members:
            self._content[field] = value
            self._names[field] = name

    def read_common(self) -> None:
        """Takes over what V1 and V2 call the same."""
        members = self._members
        self.read("profileId", "profile_id", members.text("profileId", at_most=limits.INTEGRATION_ID_LENGTH))
        self.read("cartItems", "cart_items", read_cart_items(self._desk, members))
        self.read("identifiers", "identifiers", tuple(members.texts("identifiers", at_most=limits.IDENTIFIERS)))

    def done(self) -> SessionChanges:
        """Everything that was given."""
        state = self._members.choice("state", STATES)
        attributes = read_attributes(self._desk, self._members, "CustomerSession")
        return SessionChanges(state, attributes, self._content, self._names)


def _single_code(members: Members) -> tuple[str, ...]:
    code = members.text("coupon", at_most=limits.CODE_LENGTH)
    return (code,) if code else ()
