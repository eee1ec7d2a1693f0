"""Iterators over the entries of all pages: what is requested when, where they stop, and how to continue."""

import asyncio
from typing import Any

import pytest
from attrs import define, field

from aiotalonone import Outcome, ResponseDecodeError
from aiotalonone.endpoints._paging import Entries, iterates
from aiotalonone.operation import Operation, RetrySafety

LIST_WORDS: Operation[Any] = Operation(
    operation_id="listWords", request="GET /v1/words", success=(200,), retry_safety=RetrySafety.SAFE
)


@define
class Words:
    """A page of words."""

    data: Any
    has_more: bool | None = None
    total_result_size: int | None = None


@define
class Group:
    """Has a paged operation, which lists the letters of a word."""

    word: str
    tells: str = "has_more"
    """How a page says whether there is another."""
    fails_at: set[int] = field(factory=set)
    requests: list[tuple[int, int | None, str]] = field(factory=list)

    async def get_letters(self, prefix: str, *, page_size: int | None = None, skip: int | None = None) -> Words:
        """Return a page of letters."""
        offset = skip or 0
        self.requests.append((offset, page_size, prefix))
        if offset in self.fails_at:
            self.fails_at.remove(offset)
            raise OSError("no connection")
        data = list(self.word[offset : offset + (page_size or 3)])
        page = Words(data)
        if self.tells == "has_more":
            page.has_more = offset + len(data) < len(self.word)
        elif self.tells == "total":
            page.total_result_size = len(self.word)
        return page

    iter_letters = iterates(LIST_WORDS, get_letters)


@pytest.mark.parametrize(
    ("tells", "offsets"), [("has_more", [0, 3, 6]), ("total", [0, 3, 6]), ("nothing", [0, 3, 6, 7])]
)
async def test_every_entry_comes_once(tells, offsets):
    """All entries come in order, whichever way a page tells that it is the last; else an empty one ends it."""
    group = Group("letters", tells)
    assert "".join([letter async for letter in group.iter_letters("p")]) == "letters"
    assert group.requests == [(offset, None, "p") for offset in offsets]


async def test_a_page_is_requested_once_the_one_before_is_used_up():
    """Neither making the iterator nor stopping early requests a page that is not needed."""
    group = Group("letters")
    letters = group.iter_letters("p", page_size=2)
    assert group.requests == []
    async for letter in letters:
        if letter == "e":
            break
    assert group.requests == [(0, 2, "p")]


async def test_an_iterator_goes_on_from_where_another_stopped():
    """``offset`` is what ``skip`` takes to continue, also in the middle of a page."""
    letters = Group("letters").iter_letters("p")
    assert [await anext(letters) for _ in range(4)] == list("lett")
    assert letters.offset == 4
    again = Group("letters").iter_letters("p", skip=letters.offset)
    assert "".join([letter async for letter in again]) == "ers"
    assert again.offset == len("letters")


async def test_no_entry_is_lost_if_a_request_fails():
    """After a failed request the same iterator asks for the same page again."""
    letters = Group("letters", fails_at={3}).iter_letters("p")
    first = [await anext(letters) for _ in range(3)]
    with pytest.raises(OSError, match="no connection"):
        await anext(letters)
    assert "".join(first + [letter async for letter in letters]) == "letters"


async def test_the_end_stays_the_end():
    """An iterator that has ended requests nothing more."""
    group = Group("")
    letters = group.iter_letters("p")
    for _ in range(2):
        with pytest.raises(StopAsyncIteration):
            await anext(letters)
    assert len(group.requests) == 1


async def test_a_page_without_a_list_is_an_error():
    """A response with anything but a list of entries is an error rather than an early end."""

    async def page(_offset: int) -> Any:
        return Words({"0": "l"})

    with pytest.raises(ResponseDecodeError, match="listWords") as caught:
        await anext(Entries(LIST_WORDS, page, 0))
    assert caught.value.outcome is Outcome.APPLIED


async def test_two_tasks_cannot_share_an_iterator():
    """A second task that asks while the first waits for a page gets an error, rather than entries twice."""
    is_requested, goes_on = asyncio.Event(), asyncio.Event()

    async def page(_offset: int) -> Any:
        is_requested.set()
        await goes_on.wait()
        return Words(["l"], has_more=False)

    letters: Entries[str] = Entries(LIST_WORDS, page, 0)
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(letters.__anext__())
        await is_requested.wait()
        with pytest.raises(RuntimeError, match="an iterator of its own"):
            await anext(letters)
        goes_on.set()
    assert first.result() == "l"


def test_an_iterator_tells_what_it_iterates_over():
    """The method that iterates has a name and a docstring of its own."""
    assert Group.iter_letters.__name__ == "iter_letters"
    assert "``get_letters``" in (Group.iter_letters.__doc__ or "")
