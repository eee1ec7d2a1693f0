"""What a shop is told to do: add a free item, show a notification, know an attribute."""

from collections.abc import Iterator
from typing import Any

from attrs import define

from aiotalonone.sandbox.rules.case import Case, Sent
from aiotalonone.sandbox.rules.receivers import cart, customer, no_cart, no_customer

PROFILE_ATTRIBUTES = "profile.attributes."
SESSION_ATTRIBUTES = "session.attributes."


@define(frozen=True)
class AddFreeItem:
    """Offers an item for nothing; adding it to the cart is the shop's part."""

    sku: str
    name: str

    def obstacle(self, case: Case) -> None:
        """There is none."""

    def give(self, case: Case) -> Iterator[Sent]:  # noqa: ARG002 - the same for every case
        """One effect."""
        yield "addFreeItem", {"sku": self.sku, "name": self.name}


@define(frozen=True)
class ShowNotification:
    """Tells the customer something."""

    kind: str
    title: str
    body: str

    def obstacle(self, case: Case) -> None:
        """There is none."""

    def give(self, case: Case) -> Iterator[Sent]:  # noqa: ARG002 - the same for every case
        """One effect."""
        yield "showNotification", {"notificationType": self.kind, "title": self.title, "body": self.body}


@define(frozen=True)
class UpdateAttribute:
    """Sets an attribute of the customer or of the session."""

    path: str
    value: Any

    def obstacle(self, case: Case) -> str | None:
        """The owner of the attribute must be there."""
        return no_customer(case) if self._of_profile else no_cart(case)

    def give(self, case: Case) -> Iterator[Sent]:
        """One effect; the attribute changes in a final run."""
        if case.evaluation.final:
            owner = customer(case) if self._of_profile else cart(case)
            owner.attributes[self.path.rpartition(".attributes.")[2]] = self.value
        yield "updateAttribute", {"path": self.path, "value": self.value}

    @property
    def _of_profile(self) -> bool:
        return self.path.startswith(PROFILE_ATTRIBUTES)
