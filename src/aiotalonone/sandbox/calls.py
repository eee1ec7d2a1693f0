"""One request to one operation, and its answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from attrs import define

from aiotalonone.sandbox.campaigns import Account
from aiotalonone.sandbox.faults import Faults
from aiotalonone.sandbox.problems import ProblemError, invalid_parameter
from aiotalonone.sandbox.reading import Members, check_depth, moment
from aiotalonone.sandbox.state import Draft

FLAGS = {"true": True, "false": False}


@define
class Call:
    """What an operation is asked to do."""

    operation_id: str
    path: str
    """The decoded value in the path, empty where the path has none."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    content: bytes
    _body: Members | None = None

    @property
    def body(self) -> Members:
        """The JSON object in the request."""
        if self._body is None:
            self._body = Members(self.json())
        return self._body

    def json(self) -> Any:
        """The JSON value in the request, of whatever kind."""
        try:
            value = orjson.loads(self.content)
        except orjson.JSONDecodeError as error:
            raise ProblemError(400, f"The request body is not valid JSON: {error}") from None
        check_depth(value)
        return value

    def flag(self, name: str) -> bool:
        """A query parameter that is ``true`` or ``false``; false where it is left out."""
        text = self.query.get(name, "false")
        if text not in FLAGS:
            raise invalid_parameter(f"{name} must be true or false", name)
        return FLAGS[text]

    @property
    def silent(self) -> bool:
        """Whether the caller wants no body back, which is the default."""
        text = self.query.get("silent", "yes")
        if text not in ("yes", "no"):
            raise invalid_parameter("silent must be yes or no", "silent")
        return text == "yes"

    @property
    def dry(self) -> bool:
        """Whether nothing may be stored."""
        return self.flag("dry")

    def judged_at(self, present: datetime, *, dry: bool) -> datetime:
        """The present, or the future that a dry call asks for."""
        text = self.query.get("now")
        if text is None:
            return present
        if not dry:
            raise invalid_parameter("now needs dry", "now")
        try:
            then = moment(text)
        except ValueError as error:
            raise invalid_parameter(f"now {error}", "now") from None
        if then <= present:
            raise invalid_parameter("now must be in the future", "now")
        return then


@define(frozen=True)
class Erased:
    """A customer whose data must be nowhere from now on."""

    profile_id: str
    session_ids: frozenset[str]


@define
class Answer:
    """What an operation answers; no content is no body."""

    status: int
    content: Any = None
    erased: Erased | None = None


@define(frozen=True)
class Desk:
    """What an operation works with: the account, a draft of the state, and the faults that may be scripted."""

    account: Account
    draft: Draft
    faults: Faults
