"""The loyalty accounts that one run of the rules books on."""

from uuid import uuid4

from aiotalonone.sandbox.loyalty.accounts import AccountKey, LoyaltyAccount
from aiotalonone.sandbox.loyalty.program import LoyaltyProgram
from aiotalonone.sandbox.loyalty.transactions import Entry, Origin
from aiotalonone.sandbox.state import Draft


class LoyaltyBooks:
    """The accounts as a run leaves them; points of a run that is not final are booked on copies, which are lost."""

    def __init__(self, draft: Draft, *, final: bool) -> None:
        self._draft = draft
        self._final = final
        self._tentative: dict[AccountKey, LoyaltyAccount] = {}

    def account(self, program: LoyaltyProgram, owner: str) -> LoyaltyAccount:
        """Return an account to be changed."""
        if self._final:
            return self._draft.loyalty_account(program, owner)
        key = (program.id, owner)
        if key not in self._tentative:
            self._tentative[key] = self.held(program, owner).copy()
        return self._tentative[key]

    def read(self, program: LoyaltyProgram, owner: str) -> LoyaltyAccount:
        """Return an account as the run leaves it."""
        return self._tentative.get((program.id, owner)) or self.held(program, owner)

    def held(self, program: LoyaltyProgram, owner: str) -> LoyaltyAccount:
        """Return an account without what is tentative."""
        return self._draft.read_loyalty(program, owner)

    def entry(self, name: str, origin: Origin) -> Entry:
        """Return what identifies a new transaction."""
        return new_entry(self._draft, name, origin)


def new_entry(draft: Draft, name: str, origin: Origin) -> Entry:
    """Return what identifies a new transaction."""
    return Entry(draft.next_id("loyaltyTransaction"), str(uuid4()), draft.now, name, origin)
