"""Hooks that are generated: when, for what, and how they live with those of others in the same converter."""

import subprocess
import sys
from typing import get_args

import attrs
import orjson
import pytest
from cattrs import Converter

from aiotalonone import CartItem, Coupon, NewCustomerSessionV2, codec, models, structure, unstructure
from aiotalonone.codec import generate
from aiotalonone.codec.fields import is_set_in_place
from aiotalonone.endpoints import all_operations
from aiotalonone.models import EFFECT_PROPS, EffectProps
from aiotalonone.models._base import Model

COUPON = {"id": 1, "created": "2026-11-01T08:00:00Z", "campaignId": 2, "value": "X", "usageLimit": 1, "usageCounter": 0}

FIRST_READ = """
from aiotalonone import codec
from aiotalonone.codec.generate import Namespace
made = []
define = Namespace.define
Namespace.define = lambda self, lines, label: made.append(label) or define(self, lines, label)
{before}
made.clear()
codec.decode_as("IntegrationStateV2", {content!r})
print(*made, sep="\\n")
"""


def generated(content, before=""):
    """Return what the first reading of a state in a process generates."""
    program = FIRST_READ.format(content=content, before=before)
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603 - our own interpreter
    return [line for line in run.stdout.split("\n") if line]


def test_only_what_a_response_holds_is_generated():
    """The first response generates functions for the models that it holds alone."""
    content = orjson.dumps({"createdCoupons": [COUPON], "effects": []})
    assert generated(content) == ["structure IntegrationStateV2", "structure Coupon"]


def test_after_warming_up_nothing_is_generated():
    """After ``warm_up`` the first response generates no function."""
    effect = {"campaignId": 1, "rulesetId": 1, "ruleIndex": 0, "ruleName": "", "effectType": "setDiscount"}
    content = orjson.dumps({"createdCoupons": [COUPON], "effects": [effect | {"props": {"name": "n", "value": 1}}]})
    warm_up = "from aiotalonone import endpoints; codec.warm_up(endpoints.all_operations())"
    assert generated(content, before=warm_up) == []


def test_warming_up_covers_every_operation():
    """Warming up for the operations leaves nothing to be generated later."""
    codec.warm_up(all_operations())
    assert generate._pending == []


def models_in(annotation):
    """Yield the models that a type refers to, itself included."""
    found, seen = [annotation], set()
    while found:
        kind = found.pop()
        found += get_args(kind)
        if attrs.has(kind) and kind not in seen:
            seen.add(kind)
            yield kind
            found += EFFECT_PROPS.values() if kind is EffectProps else ()
            found += [member.type for member in attrs.fields(kind)]


@pytest.mark.parametrize("operation", [o for o in all_operations() if o.result], ids=lambda o: o.operation_id)
def test_no_model_of_a_response_rejects_its_members(operation):
    """No model that an operation returns has a limit, which would make a call fail that was carried out."""
    kinds = list(models_in(getattr(models, operation.result.removeprefix("list[").removesuffix("]"))))
    assert [kind for kind in kinds if not is_set_in_place(kind)] == []


def test_cattrs_reads_and_writes_the_models():
    """Everything that cattrs can do with its converter, it does with our models."""
    assert isinstance(codec.converter, Converter)
    coupons = codec.converter.structure([COUPON], list[Coupon])
    assert coupons == [structure(COUPON, Coupon)]
    assert codec.converter.unstructure(coupons) == [unstructure(coupons[0])]


@attrs.define(kw_only=True)
class Ticket(Model):
    """A caller's own model, whose member is upper case in Python alone."""

    seat: str
    holder: Coupon | None = None

    def __attrs_post_init__(self) -> None:
        self.seat = self.seat.upper()


def test_a_callers_class_is_made_by_its_constructor():
    """A caller's own class is made by its constructor when it is read."""
    ticket = structure({"seat": "a1", "holder": COUPON, "row": 7}, Ticket)
    assert ticket == Ticket(seat="A1", holder=structure(COUPON, Coupon), extra={"row": 7})
    assert unstructure(ticket)["seat"] == "A1"


@attrs.define
class Money:
    """A class that is a number in JSON."""

    cents: int


@attrs.define(kw_only=True)
class Receipt(Model):
    """A model with a member of that type."""

    total: Money


@pytest.mark.parametrize("strict", [False, True])
def test_a_callers_hooks_are_used_for_members(strict):
    """A hook that is registered before its type is first used is called for members of that type."""
    codec.converter.register_structure_hook(Money, lambda value, _: Money(round(value * 100)))
    codec.converter.register_unstructure_hook(Money, lambda money: money.cents / 100)
    receipt = structure({"total": 1.5}, Receipt, strict=strict)
    assert receipt.total.cents == 150
    assert unstructure(receipt) == {"total": 1.5}


def test_a_subclass_of_a_model_is_written_with_its_own_members():
    """A subclass in a list of its base class is written with its own members."""

    @attrs.define(kw_only=True)
    class Gift(CartItem):
        wrapping: str

    session = NewCustomerSessionV2(cart_items=[Gift(sku="a", quantity=1, wrapping="red")])
    assert orjson.loads(codec.encode(session)) == {"cartItems": [{"sku": "a", "quantity": 1, "wrapping": "red"}]}
