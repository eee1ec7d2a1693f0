"""How an operation is declared: a decorator on the function that performs it."""

from collections.abc import Callable, Collection

from attrs import define

from aiotalonone.sandbox.http.concurrency import EntityKey
from aiotalonone.sandbox.http.messages import Request, Response
from aiotalonone.sandbox.rules.campaigns import Account
from aiotalonone.sandbox.state import Draft, State


@define(frozen=True)
class Context:
    """What an operation works with: the account, and a draft of the state."""

    account: Account
    draft: Draft


Perform = Callable[[Context, Request], Response]
Entities = Callable[[Request, State], Collection[EntityKey]]
IsDry = Callable[[Request], bool]


def _no_entities(_request: Request, _state: State) -> Collection[EntityKey]:
    return ()


def _never(_request: Request) -> bool:
    return False


def dry_flag(request: Request) -> bool:
    """Return whether the query has ``dry=true``."""
    return request.dry


@define(frozen=True)
class Operation:
    """An operation: its address, the function that performs it, and how it is called."""

    operation_id: str
    method: str
    template: str
    perform: Perform
    entities: Entities
    is_dry: IsDry
    idempotent: bool
    accepts_management_token: bool
    bare_400: bool

    @property
    def changes(self) -> bool:
        """Whether it changes anything."""
        return self.method != "GET"


def operation(
    operation_id: str,
    method: str,
    template: str,
    *,
    entities: Entities = _no_entities,
    is_dry: IsDry = _never,
    idempotent: bool = False,
    accepts_management_token: bool = False,
    bare_400: bool = False,
) -> Callable[[Perform], Operation]:
    """Declare the decorated function as an operation, which it becomes.

    Args:
        operation_id: Name of the operation.
        method: HTTP method.
        template: Path; a segment such as ``{integrationId}`` is a value in `Request.path`.
        entities: Returns the entities that a request updates, one request at a time.
        is_dry: Returns whether a request stores nothing.
        idempotent: Whether the operation replays the reply to a known idempotency key.
        accepts_management_token: Whether a management token is as good as an API key.
        bare_400: Whether the body of its 400 has no ``StatusCode``, as the API documents for some.
    """

    def declare(perform: Perform) -> Operation:
        return Operation(
            operation_id,
            method,
            template,
            perform,
            entities,
            is_dry,
            idempotent,
            accepts_management_token,
            bare_400,
        )

    return declare
