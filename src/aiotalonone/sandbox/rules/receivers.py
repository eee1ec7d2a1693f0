"""Who and what a gift needs: someone to receive it, or a cart to take it off."""

from aiotalonone.sandbox.entities import Profile, Session
from aiotalonone.sandbox.rules.case import Case

NO_CUSTOMER = "there is no customer"
NO_CART = "there is no cart"


def no_customer(case: Case) -> str | None:
    """The obstacle for what someone has to receive."""
    return None if case.evaluation.profile else NO_CUSTOMER


def no_cart(case: Case) -> str | None:
    """The obstacle for what is taken off a cart."""
    return None if case.evaluation.session else NO_CART


def customer(case: Case) -> Profile:
    """The receiver, where `no_customer` saw no obstacle."""
    if case.evaluation.profile is None:
        raise LookupError(NO_CUSTOMER)
    return case.evaluation.profile


def cart(case: Case) -> Session:
    """The session, where `no_cart` saw no obstacle."""
    if case.evaluation.session is None:
        raise LookupError(NO_CART)
    return case.evaluation.session
