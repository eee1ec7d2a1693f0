"""From what a caller asks for to a ``Call``: a value that cannot be sent is an error before anything is sent."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from time import time
from types import NoneType
from typing import Any, Final, TypeVar
from urllib.parse import unquote

from aiotalonone import codec
from aiotalonone.call import (
    Call,
    EncodedQuery,
    EntityKey,
    PathValue,
    Query,
    fill_path,
    plain_text,
    require_utf8,
    retry_safety_of,
)
from aiotalonone.codec.dates import format_rfc3339
from aiotalonone.models._base import as_list
from aiotalonone.operation import JSON_VALUE, Operation, RetrySafety
from aiotalonone.pipeline.idempotency import SingleUseKey, key_for
from aiotalonone.pipeline.limits import require_number_within_limits, require_path_within_limits
from aiotalonone.pipeline.request import BODILESS_METHODS

T = TypeVar("T")

FLAGS: Final = frozenset(
    {
        *("achievements", "awaitsActivation", "coupons", "dry", "forceCompleteEvaluation", "giveaways"),
        *("includeProjectedTier", "includeTiers", "loyalty", "profile", "referrals", "runRuleEngine"),
    }
)
"""Members of queries that are true or false: a text such as ``no`` would be taken for true."""
_METHOD: Final = re.compile(r"[A-Z]+")
_INVALID_PATH: Final = re.compile(r"^//|[?#\s\\\x00-\x1f\x7f]")


def operation_call(
    operation: Operation[T],
    path: Sequence[PathValue],
    query: Mapping[str, object],
    body: object,
    key: SingleUseKey | None,
) -> Call[T]:
    """Return a call of an operation.

    Args:
        operation: What is called.
        path: The values of its path.
        query: Its query's members by their Python names.
        body: A model or a mapping in JSON names.
        key: The caller's own idempotency key.

    Raises:
        TypeError: A value cannot be sent, or the query has no such member.
        ValueError: A value cannot be sent.
    """
    encoded_query = encode_keywords(operation, query)
    content = None if operation.body is None else codec.encode_as(operation.body, body)
    sent = {} if content is None or operation.may_act_twice is None else codec.loads(content)
    retry_safety = retry_safety_of(operation, encoded_query, sent)
    require_path_within_limits(operation, path)
    return Call(
        operation=operation,
        path=fill_path(operation, path),
        query=encoded_query,
        content=content,
        retry_safety=retry_safety,
        entity=entity_key(operation, path, content),
        idempotency_key=key_for(operation, retry_safety, key),
        created_at=time(),
    )


def ad_hoc_call(method: str, path: str, query: Query | None, body: object, key: SingleUseKey | None) -> Call[Any]:
    """Return a call of an operation about which nothing is known but what the caller says.

    Args:
        method: The HTTP method.
        path: Percent-encoded.
        query: Query members by the API's names.
        body: A model or any JSON value; ``None`` for no body.
        key: The caller's own idempotency key: the operation honours it.

    Raises:
        TypeError: A value cannot be sent.
        ValueError: The method or the path cannot be used.
    """
    operation = _ad_hoc_operation(method, path, has_key=key is not None)
    return Call(
        operation=operation,
        path=path,
        query=encode_query(query),
        content=None if body is None else codec.encode(body),
        retry_safety=operation.retry_safety,
        entity=None,
        idempotency_key=key_for(operation, operation.retry_safety, key),
        created_at=time(),
    )


def encode_query(query: Query | None) -> EncodedQuery:
    """Return query members as text, without those that are not set.

    Raises:
        TypeError: The query is not a mapping, or a member cannot be sent.
    """
    if not isinstance(query, (Mapping, NoneType)):
        raise TypeError(f"query must be a mapping, not {type(query).__name__}")
    return {_query_name(name): _encode_value(name, value) for name, value in (query or {}).items() if value is not None}


def _query_name(name: object) -> str:
    if not isinstance(name, str):
        raise TypeError(f"query: names must be str, not {type(name).__name__}")
    return require_utf8("query: a name", str.__str__(name))


def encode_keywords(operation: Operation[Any], values: Mapping[str, object]) -> EncodedQuery:
    """Return an operation's query as text, of members by their Python names, without those that are not set.

    Raises:
        TypeError: The operation has no such member, or a value cannot be sent.
        ValueError: A value is beyond its limit, or contains a comma, and its list is separated by commas.
    """
    query: dict[str, str | list[str]] = {}
    for keyword, value in values.items():
        if value is None:
            continue
        name = operation.keywords.get(keyword)
        if name is None:
            raise TypeError(f"{operation.operation_id} has no query member {keyword}")
        if name in FLAGS and not isinstance(value, bool):
            raise TypeError(f"{keyword} must be a bool or None, not {type(value).__name__}")
        require_number_within_limits(keyword, name, value)
        entries = as_list(value)
        query[name] = _encode_value(name, value) if entries is None else _encode_list(operation, keyword, entries)
    return query


def _encode_list(operation: Operation[Any], keyword: str, values: Sequence[object]) -> str | list[str]:
    name = operation.keywords[keyword]
    if name not in operation.repeated and name not in operation.comma_separated:
        raise TypeError(f"{keyword} must be one value, not a list")
    texts = [_encode_value(name, value) for value in values]
    if not texts or name in operation.repeated:
        return texts
    if any("," in text for text in texts):
        raise ValueError(f"{name}: no value may contain a comma")
    return ",".join(texts)


def _encode_value(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return format_rfc3339(value)
    if isinstance(value, str) or (hasattr(value, "__index__") and not isinstance(value, type)):
        return plain_text(f"query: {name}", value)
    raise TypeError(f"query: {name} must be a str, int, bool or datetime, not {type(value).__name__}")


def entity_key(operation: Operation[Any], path: Sequence[PathValue], content: bytes | None) -> EntityKey | None:
    """Return the entity that a call updates.

    ``None`` if the API does not serialise such updates, or the customer is anonymous.
    """
    if operation.entity is None:
        return None
    if operation.entity_member is None:
        integration_id = plain_text(operation.path_names[0], path[0])
    else:
        integration_id = codec.loads(content or b"{}").get(operation.entity_member)
    if not integration_id or not isinstance(integration_id, str):
        return None
    return EntityKey(operation.entity.value, integration_id)


def _ad_hoc_operation(method: str, path: str, *, has_key: bool) -> Operation[Any]:
    """Return the operation; its path may contain personal data, and is not kept."""
    for name, value in (("method", method), ("path", path)):
        if not isinstance(value, str):
            raise TypeError(f"{name} must be a str, not {type(value).__name__}")
    if not _METHOD.fullmatch(method):
        raise ValueError("method must be an HTTP method in capitals, such as GET")
    require_utf8("path", path)
    if not path.startswith("/") or _INVALID_PATH.search(path) or {".", ".."} & set(unquote(path).split("/")):
        raise ValueError(
            "path must start with one slash and contain no '..', query, fragment, blank or control character"
        )
    if method in BODILESS_METHODS:
        retry_safety = RetrySafety.SAFE
    else:
        retry_safety = RetrySafety.IDEMPOTENCY_KEY if has_key else RetrySafety.UNSAFE
    return Operation(
        operation_id="request",
        request=f"{method} ",
        success=(HTTPStatus.NO_CONTENT,),
        retry_safety=retry_safety,
        result=JSON_VALUE,
    )
