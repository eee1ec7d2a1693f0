"""Profile-based loyalty programs: balances, transactions, points, members."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from aiotalonone.sandbox.http.messages import Request, Response
from aiotalonone.sandbox.http.problems import invalid_parameter, not_found
from aiotalonone.sandbox.loyalty.accounts import LoyaltyAccount
from aiotalonone.sandbox.loyalty.program import LoyaltyProgram
from aiotalonone.sandbox.loyalty.transactions import Addition
from aiotalonone.sandbox.operations._base import Context, operation
from aiotalonone.sandbox.operations._loyalty import (
    asked_time,
    awaits_activation,
    balances_json,
    list_points,
    list_transactions,
    program_of,
    reject_unknown_members,
)
from aiotalonone.sandbox.rendering.loyalty import balance_json, ledger_entry_json, projected_tier_json, tier_json
from aiotalonone.sandbox.validation import BAD_FORMAT, TOO_FEW, TOO_SHORT, JsonObject

MAX_ACTIVATED = 50
PROFILE = "/v1/loyalty_programs/{loyaltyProgramId}/profile/{integrationId}"
SCOPES = ("AllSubledgers", "SelectedSubledgers")


@operation("getLoyaltyBalances", "GET", f"{PROFILE}/balances")
def get_loyalty_balances(context: Context, request: Request) -> Response:
    """Return the points in each ledger, as they are or as they were or will be at another time."""
    account, query = _account(context, request), request.query
    then = asked_time(context, query)
    tiers, projection = query.flag("includeTiers"), query.flag("includeProjectedTier")

    def render(name: str) -> dict[str, Any]:
        shown = balance_json(account.read(name).standing(then).balance)
        shown |= tier_json(account, name, then) if tiers else {}
        return shown | (projected_tier_json(account, name, then) if projection else {})

    subledger = query.text("subledgerId")
    return Response(200, balances_json(account, [] if subledger is None else [subledger], render))


@operation("getLoyaltyProgramProfileTransactions", "GET", f"{PROFILE}/transactions")
def get_loyalty_program_profile_transactions(context: Context, request: Request) -> Response:
    """Return a page of the customer's transactions."""
    subledger = request.query.text("subledgerId")
    ledgers = [] if subledger is None else [subledger]
    return list_transactions(context, request, _account(context, request), ledgers)


@operation("getLoyaltyProgramProfilePoints", "GET", f"{PROFILE}/points")
def get_loyalty_program_profile_points(context: Context, request: Request) -> Response:
    """Return a page of the customer's points that are left."""
    return list_points(context, request, _account(context, request))


@operation("joinLoyaltyProgram", "POST", f"{PROFILE}/join")
def join_loyalty_program(context: Context, request: Request) -> Response:
    """Make the customer, who is created if unknown, a member."""
    program = program_of(context, request, card_based=False)
    profile = context.draft.profile(request.path["integrationId"])
    account = context.draft.loyalty_account(program, profile.integration_id)
    if account.join_date(context.draft.now) is not None:
        raise invalid_parameter("integrationId", "the customer is a member of the loyalty program already")
    account.joined = context.draft.now
    return Response(200)


@operation("deleteLoyaltyTransactionsFromLedgers", "POST", f"{PROFILE}/delete_transactions")
def delete_loyalty_transactions_from_ledgers(context: Context, request: Request) -> Response:
    """Delete the customer's transactions in all ledgers or in some; a member stays one."""
    held, body = _account(context, request), request.body
    reject_unknown_members(body, ("scope", "subledgerIds"))
    scope, ledgers = body.choice("scope", SCOPES), body.texts("subledgerIds")
    if scope is None:
        raise body.missing("scope")
    if scope == "SelectedSubledgers" and not ledgers:
        raise body.missing("subledgerIds")
    account = context.draft.loyalty_account(held.program, held.owner)
    account.delete(list(account.ledgers) if scope == "AllSubledgers" else ledgers, context.draft.now)
    return Response(204)


@operation("activateLoyaltyPoints", "POST", "/v1/loyalty_programs/{loyaltyProgramId}/activate_points")
def activate_loyalty_points(context: Context, request: Request) -> Response:
    """Activate points that await it: those of a session, or of some transactions, which must all await it."""
    program, body = program_of(context, request, card_based=None), request.body
    reject_unknown_members(body, ("sessionId", "transactionUUIDs"))
    if ("sessionId" in body) == ("transactionUUIDs" in body):
        raise body.error("sessionId", "exactly one of sessionId, transactionUUIDs is required")
    found = _of_session(context, program, body) if "sessionId" in body else _of_uuids(context, program, body)
    return Response(200, {"ledgerEntries": _activate(context, found)})


Found = tuple[LoyaltyAccount, str, Addition]
"""An addition, its ledger's name, and the account."""


def _of_session(context: Context, program: LoyaltyProgram, body: JsonObject) -> list[Found]:
    session_id = body.text("sessionId")
    if not session_id:
        raise body.error("sessionId", "must not be empty", TOO_SHORT)
    if context.draft.sessions.get(session_id) is None:
        raise not_found("Customer session")
    additions = _additions(context, program)
    return [
        one
        for one in additions
        if one[2].entry.origin.session_id == session_id and awaits_activation(one[2], context.draft.now)
    ]


def _of_uuids(context: Context, program: LoyaltyProgram, body: JsonObject) -> list[Found]:
    uuids = body.texts("transactionUUIDs", max_items=MAX_ACTIVATED)
    if not uuids:
        raise body.error("transactionUUIDs", "must not be empty", TOO_FEW)
    if len(set(uuids)) < len(uuids):
        raise body.error("transactionUUIDs", "must not contain a UUID twice")
    by_uuid = {addition.uuid: (account, name, addition) for account, name, addition in _additions(context, program)}
    return [_one_of(context, body, by_uuid, index, uuid) for index, uuid in enumerate(uuids)]


def _one_of(context: Context, body: JsonObject, by_uuid: dict[str, Found], index: int, uuid: str) -> Found:
    place = JsonObject({}, body.place("transactionUUIDs"))
    try:
        UUID(uuid)
    except ValueError:
        raise place.error(index, "must be a UUID", BAD_FORMAT) from None
    found = by_uuid.get(uuid.lower())
    if found is None:
        raise not_found("Loyalty transaction")
    if not awaits_activation(found[2], context.draft.now):
        raise place.error(index, "does not await activation")
    return found


def _additions(context: Context, program: LoyaltyProgram) -> Iterator[Found]:
    for account in context.draft.loyalty_accounts:
        if account.program.id == program.id:
            for name, transaction in account.transactions():
                if isinstance(transaction, Addition):
                    yield account, name, transaction


def _activate(context: Context, found: list[Found]) -> list[dict[str, Any]]:
    draft, uuids = context.draft, {addition.uuid for _, _, addition in found}
    activated: dict[str, Addition] = {}
    for held, name in {(account.key, name): (account, name) for account, name, _ in found}.values():
        ledger = draft.loyalty_account(held.program, held.owner).ledger(name)
        activated |= {one.uuid: one for one in ledger.activate(uuids, draft.now, held.program)}
    return [
        ledger_entry_json(activated[addition.uuid], name, account, draft.loyalty_cards.get(account.key))
        for account, name, addition in found
    ]


def _account(context: Context, request: Request) -> LoyaltyAccount:
    """Return what the customer has in the program, to be read."""
    program, integration_id = program_of(context, request, card_based=False), request.path["integrationId"]
    if context.draft.profiles.get(integration_id) is None:
        raise not_found("Customer profile")
    return context.draft.read_loyalty(program, integration_id)
