"""What the operations on customers and those on cards have in common: programs, and lists from their ledgers."""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import Any

from aiotalonone.sandbox.http.messages import Request, Response
from aiotalonone.sandbox.http.problems import invalid_parameter, not_found
from aiotalonone.sandbox.http.query import Query
from aiotalonone.sandbox.loyalty.accounts import LoyaltyAccount
from aiotalonone.sandbox.loyalty.program import MAIN_LEDGER, LoyaltyProgram
from aiotalonone.sandbox.loyalty.standing import Lot
from aiotalonone.sandbox.loyalty.transactions import Addition, Transaction
from aiotalonone.sandbox.operations._base import Context
from aiotalonone.sandbox.rendering.loyalty import lot_json, transaction_json
from aiotalonone.sandbox.validation import LATEST, UNKNOWN, JsonObject

PROGRAM = "loyaltyProgramId"
WITHOUT_404 = {"generateLoyaltyCard"}
"""Operations for which the API documents no 404."""
TYPES = ("manual", "session", "import")
STATUSES: dict[str, Callable[[Lot, datetime], bool]] = {
    "active": Lot.is_active,
    "pending": Lot.is_pending,
    "expired": Lot.is_expired,
}
SORTS: dict[str, Callable[[Lot], datetime]] = {
    "startDate": lambda lot: lot.addition.active_from or datetime.max.replace(tzinfo=lot.addition.created.tzinfo),
    "expiryDate": lambda lot: lot.addition.active_until,
}


def program_of(context: Context, request: Request, *, card_based: bool | None) -> LoyaltyProgram:
    """Return the program in the path, which must be of the right kind, if only one will do.

    Raises:
        ApiProblem: 404, there is no such program; 400, it is of the other kind, or the operation has no 404.
    """
    program = context.account.programs.loyalty.get(request.path_integer(PROGRAM))
    if program is None and request.operation_id in WITHOUT_404:
        raise invalid_parameter(PROGRAM, "Loyalty program not found", UNKNOWN)
    if program is None:
        raise not_found("Loyalty program")
    if card_based is not None and program.card_based is not card_based:
        raise invalid_parameter(PROGRAM, f"the loyalty program is {'not ' if card_based else ''}card-based")
    return program


def reject_unknown_members(body: JsonObject, known: Collection[str]) -> None:
    """Raise a 400 for a member that a closed schema does not have."""
    for name in body.values:
        if name not in known:
            raise body.error(name, "is unknown", UNKNOWN)


def list_transactions(
    context: Context, request: Request, account: LoyaltyAccount, ledgers: Collection[str]
) -> Response:
    """Return a page of an account's transactions that the query selects, the latest first."""
    wanted, now = _transaction_filter(request.query, context.draft.now), context.draft.now
    found = [
        (name, one)
        for name, one in account.transactions()
        if (not ledgers or name in ledgers) and one.created <= now and wanted(one)
    ]
    found.sort(key=lambda pair: (pair[1].created, pair[1].entry.id), reverse=True)
    page, more = request.query.page(found)
    return Response(200, {"hasMore": more, "data": [transaction_json(one, name, account) for name, one in page]})


def list_points(context: Context, request: Request, account: LoyaltyAccount) -> Response:
    """Return a page of the points that are left of an account's additions, in the order that the query wants."""
    query, now = request.query, context.draft.now
    ledgers, is_wanted = query.texts("subledgerId"), _identity_filter(query)
    has_status = STATUSES[query.choice("status", tuple(STATUSES)) or "active"]
    found = [
        (name, lot)
        for name, lot in _lots(account, now)
        if (not ledgers or name in ledgers) and lot.remaining and has_status(lot, now) and is_wanted(lot.addition)
    ]
    found.sort(key=lambda pair: pair[1].addition.entry.id)
    sort = query.choice("sort", [f"{sign}{field}" for field in SORTS for sign in ("", "-")])
    if sort is not None:
        by = SORTS[sort.removeprefix("-")]
        found.sort(key=lambda pair: by(pair[1]), reverse=sort.startswith("-"))
    page, more = query.page(found)
    return Response(200, {"hasMore": more, "data": [lot_json(lot, name, account) for name, lot in page]})


def _lots(account: LoyaltyAccount, now: datetime) -> Iterator[tuple[str, Lot]]:
    for name, ledger in account.ledgers.items():
        for lot in ledger.standing(now).lots.values():
            yield name, lot


def _identity_filter(query: Query) -> Callable[[Transaction], bool]:
    sessions, uuids = query.texts("customerSessionIDs"), query.texts("transactionUUIDs")

    def is_wanted(one: Transaction) -> bool:
        of_session = not sessions or one.entry.origin.session_id in sessions
        return of_session and (not uuids or one.uuid in uuids)

    return is_wanted


def _transaction_filter(query: Query, now: datetime) -> Callable[[Transaction], bool]:
    has_identity, kind = _identity_filter(query), query.choice("loyaltyTransactionType", TYPES)
    start, end = (query.timestamp(name, accepts_date=True) for name in ("startDate", "endDate"))
    waiting = query.text("awaitsActivation") is not None
    if waiting and not query.flag("awaitsActivation"):
        raise invalid_parameter("awaitsActivation", "awaitsActivation must be true, or left out")

    def is_wanted(one: Transaction) -> bool:
        in_time = (start is None or one.created >= start) and (end is None or one.created <= end)
        of_kind = kind is None or one.entry.origin.type == kind
        return in_time and of_kind and has_identity(one) and (not waiting or awaits_activation(one, now))

    return is_wanted


def awaits_activation(one: Transaction, now: datetime) -> bool:
    """Return whether a request may activate these points."""
    return isinstance(one, Addition) and one.dates.awaits_activation and one.active_until > now


def asked_time(context: Context, query: Query) -> datetime:
    """Return the time that balances are asked for, by default the present."""
    return min(query.timestamp("endDate", accepts_date=True) or context.draft.now, LATEST)


def balances_json(account: LoyaltyAccount, ledgers: Collection[str], render: Callable[[str], Any]) -> dict[str, Any]:
    """Return what a function makes of the given ledgers, or of all."""
    wanted = ledgers or [MAIN_LEDGER, *account.subledgers]
    shown: dict[str, Any] = {"balance": render(MAIN_LEDGER)} if MAIN_LEDGER in wanted else {}
    return shown | {"subledgerBalances": {name: render(name) for name in wanted if name != MAIN_LEDGER}}
