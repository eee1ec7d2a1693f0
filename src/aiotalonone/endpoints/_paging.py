"""Paged operations, as iterators over the entries of all their pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar

from aiotalonone.errors import ResponseDecodeError

if TYPE_CHECKING:
    from aiotalonone.operation import Operation

T = TypeVar("T")
Entry = TypeVar("Entry")
Group = TypeVar("Group")
P = ParamSpec("P")


class Page(Protocol[T]):
    """What a paged operation returns."""

    @property
    def data(self) -> list[T]:
        """The entries of the page."""
        ...


class Entries(AsyncIterator[Entry], Generic[Entry]):
    """The entries of a paged operation, for ``async for``; a page is requested once the one before it is used up.

    Nothing is requested before the first entry is asked for, nor after the loop has stopped. If a request fails, the
    next step sends it again: no entry is left out. To continue later, pass ``offset`` as ``skip``. If entries are added
    or removed meanwhile, pages shift: an entry may come twice, or not at all.
    """

    def __init__(
        self, operation: Operation[Page[Entry]], request: Callable[[int], Awaitable[Page[Entry]]], skip: int
    ) -> None:
        self.offset: int = skip
        """How many entries lie before the next one, counted from the first that the filters select."""
        self._operation = operation
        self._request = request
        self._page: list[Entry] = []
        self._used = 0
        self._is_last = False
        self._is_requesting = False

    async def __anext__(self) -> Entry:
        if self._used == len(self._page):
            await self._next_page()
        entry = self._page[self._used]
        self._used += 1
        self.offset += 1
        return entry

    async def _next_page(self) -> None:
        """Request the next page.

        Raises:
            StopAsyncIteration: No page follows.
            ResponseDecodeError: The response has no list of entries.
            RuntimeError: Another task is waiting for it.
        """
        if self._is_last:
            raise StopAsyncIteration
        if self._is_requesting:
            raise RuntimeError("two tasks ask for the next page: each needs an iterator of its own")
        self._is_requesting = True
        try:
            page = await self._request(self.offset)
        finally:
            self._is_requesting = False
        entries: Any = page.data  # the API may have sent anything
        if not isinstance(entries, list):
            raise ResponseDecodeError("a page without a list of entries", self._operation.operation_id)
        self._page, self._used = entries, 0
        self._is_last = not self._page or _is_last(page, self.offset + len(self._page))
        if not self._page:
            raise StopAsyncIteration


def _is_last(page: object, offset: int) -> bool:
    """Return whether no page follows; if the page does not tell, the next one may be empty."""
    total = getattr(page, "total_result_size", None)
    return getattr(page, "has_more", None) is False or (isinstance(total, int) and offset >= total)


def iterates(
    operation: Operation[Any],
    method: Callable[Concatenate[Group, P], Awaitable[Page[Entry]]],
) -> Callable[Concatenate[Group, P], Entries[Entry]]:
    """Return the method that iterates over the entries of all pages, with the arguments of the one for a page.

    A group has it as ``iter_x: Final = iterates(…)``: of a Final, the type is inferred alike by every checker.
    """

    @wraps(method)
    def iterate(group: Group, /, *args: P.args, **kwargs: P.kwargs) -> Entries[Entry]:
        with_skip: Callable[..., Awaitable[Page[Entry]]] = method  # says a type checker: the query may be another one
        query = dict(kwargs)
        skip: Any = query.pop("skip", None) or 0

        def request(offset: int) -> Awaitable[Page[Entry]]:
            return with_skip(group, *args, **query, skip=offset)

        return Entries(operation, request, skip)

    iterate.__name__ = f"iter_{method.__name__.removeprefix('integration_').removeprefix('get_')}"
    iterate.__doc__ = f"""Iterate over the entries of all pages of ``{method.__name__}``, with its arguments.

    ``skip`` is where to start, ``page_size`` how many entries each request asks for. Errors are raised in the loop.
    """
    return iterate
