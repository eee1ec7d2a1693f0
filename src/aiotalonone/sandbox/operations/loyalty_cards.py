"""Card-based loyalty programs: cards, their customers, balances, transactions, points."""

from functools import partial
from typing import Any

from attrs import define

from aiotalonone.sandbox.http.messages import Request, Response
from aiotalonone.sandbox.http.problems import invalid_parameter, not_found
from aiotalonone.sandbox.loyalty.accounts import LoyaltyAccount
from aiotalonone.sandbox.loyalty.cards import BLOCKED, IDENTIFIER, IDENTIFIER_RULE, STATUSES, LoyaltyCard
from aiotalonone.sandbox.loyalty.program import LoyaltyProgram
from aiotalonone.sandbox.operations._base import Context, operation
from aiotalonone.sandbox.operations._loyalty import (
    asked_time,
    balances_json,
    list_points,
    list_transactions,
    program_of,
)
from aiotalonone.sandbox.operations.parsing import read_ids
from aiotalonone.sandbox.rendering.loyalty import balance_json, card_json, card_profiles_json
from aiotalonone.sandbox.rules.booking import LoyaltyBooks
from aiotalonone.sandbox.state import Draft
from aiotalonone.sandbox.state.codes import CodePattern
from aiotalonone.sandbox.validation import BAD_FORMAT, MAX_INTEGRATION_ID_LENGTH, TOO_MANY, JsonObject

CARD = "/v1/loyalty_programs/{loyaltyProgramId}/cards/{loyaltyCardId}"
CARD_V2 = CARD.replace("v1", "v2")
MAX_LINKED = 1000


@operation("generateLoyaltyCard", "POST", "/v1/loyalty_programs/{loyaltyProgramId}/cards")
def generate_loyalty_card(context: Context, request: Request) -> Response:
    """Add a card, linked to the given customers, who are created if unknown."""
    program, body, draft = program_of(context, request, card_based=True), request.body, context.draft
    profile_ids = list(dict.fromkeys(read_ids(body, "customerProfileIds", max_items=MAX_LINKED)))
    if not program.allows(len(profile_ids)):
        text = f"must have at most {program.users_per_card_limit} entries"
        raise body.error("customerProfileIds", text, TOO_MANY)
    card = LoyaltyCard(
        id=draft.next_id("loyaltyCard"),
        created=draft.now,
        program_id=program.id,
        identifier=_identifier(draft, program, body),
        status=body.choice("status", STATUSES) or STATUSES[0],
    )
    for profile_id in profile_ids:
        card.registrations[draft.profile(profile_id).integration_id] = draft.now
    return _shown(context, draft.loyalty_cards.add(card.key, card))


@operation("linkLoyaltyCardToProfile", "POST", f"{CARD_V2}/link_profile")
def link_loyalty_card_to_profile(context: Context, request: Request) -> Response:
    """Link the card to a customer, who is created if unknown; a second time changes nothing."""
    card, integration_id = _card(context, request), _integration_id(request)
    if card.status == BLOCKED:
        raise invalid_parameter("loyaltyCardId", "the loyalty card is blocked")
    if integration_id not in card.registrations:
        program = context.account.programs.loyalty[card.program_id]
        if not program.allows(len(card.registrations) + 1):
            text = f"the loyalty card has {program.users_per_card_limit} customers, which is its limit"
            raise request.body.error("integrationId", text, TOO_MANY)
        card = context.draft.loyalty_cards.edit(card.key)
        card.modified = context.draft.now
        card.registrations[context.draft.profile(integration_id).integration_id] = context.draft.now
    return _shown(context, card)


@operation("unlinkLoyaltyCardFromProfile", "POST", f"{CARD_V2}/unlink_profile")
def unlink_loyalty_card_from_profile(context: Context, request: Request) -> Response:
    """Unlink the card from a customer; if it is not linked, nothing changes."""
    card, integration_id = _card(context, request), _integration_id(request)
    if integration_id in card.registrations:
        card = context.draft.loyalty_cards.edit(card.key)
        card.modified = context.draft.now
        del card.registrations[integration_id]
    return _shown(context, card)


@operation("getLoyaltyCardBalances", "GET", f"{CARD}/balances")
def get_loyalty_card_balances(context: Context, request: Request) -> Response:
    """Return the points in each ledger of the card, now or at another time, and its customers."""
    card = _card(context, request)
    account = _account(context, card)
    then = asked_time(context, request.query)

    def render(name: str) -> dict[str, Any]:
        return balance_json(account.read(name).standing(then).balance)

    shown = balances_json(account, request.query.texts("subledgerId"), render)
    return Response(200, shown | {"profiles": card_profiles_json(card)})


@operation("getLoyaltyCardTransactions", "GET", f"{CARD}/transactions")
def get_loyalty_card_transactions(context: Context, request: Request) -> Response:
    """Return a page of the card's transactions."""
    account = _account(context, _card(context, request))
    return list_transactions(context, request, account, request.query.texts("subledgerId"))


@operation("getLoyaltyCardPoints", "GET", f"{CARD}/points")
def get_loyalty_card_points(context: Context, request: Request) -> Response:
    """Return a page of the card's points that are left."""
    return list_points(context, request, _account(context, _card(context, request)))


@define(frozen=True)
class _Cards:
    """The cards of one program, by their identifiers."""

    draft: Draft
    program_id: int

    def get(self, key: str) -> LoyaltyCard | None:
        return self.draft.loyalty_cards.get((self.program_id, key))


def _identifier(draft: Draft, program: LoyaltyProgram, body: JsonObject) -> str:
    """Return the identifier that the request wants, or else one of the program's form."""
    cards, wanted = _Cards(draft, program.id), body.text("cardIdentifier")
    if wanted is None:
        pattern = CodePattern(program.card_codes.pattern, program.card_codes.characters)
        generated = pattern.next_unused(cards, partial(draft.next_id, "code"))
        if generated is None:
            raise body.error("cardIdentifier", "is required: the program's code format has no unused code")
        return generated
    if not IDENTIFIER.fullmatch(wanted):
        raise body.error("cardIdentifier", IDENTIFIER_RULE, BAD_FORMAT)
    if cards.get(wanted) is not None:
        raise body.error("cardIdentifier", "exists already")
    return wanted


def _card(context: Context, request: Request) -> LoyaltyCard:
    program = program_of(context, request, card_based=True)
    card = context.draft.loyalty_cards.get((program.id, request.path["loyaltyCardId"]))
    if card is None:
        raise not_found("Loyalty card")
    return card


def _integration_id(request: Request) -> str:
    return request.body.required_text("integrationId", max_length=MAX_INTEGRATION_ID_LENGTH)


def _account(context: Context, card: LoyaltyCard) -> LoyaltyAccount:
    program = context.account.programs.loyalty[card.program_id]
    return context.draft.read_loyalty(program, card.identifier)


def _shown(context: Context, card: LoyaltyCard) -> Response:
    books = LoyaltyBooks(context.draft, final=True)
    return Response(200, card_json(card, context.account, context.draft, books))
