"""The result of an update, before it is rendered as V1 or V2."""

from itertools import product

from attrs import define

from aiotalonone.sandbox.rendering.entities import JSON, effect_array
from aiotalonone.sandbox.rendering.loyalty import loyalty_json
from aiotalonone.sandbox.rules.campaigns import Account
from aiotalonone.sandbox.rules.evaluation import Evaluation
from aiotalonone.sandbox.state import Draft
from aiotalonone.sandbox.state.entities import APPLICATION_ID, Effect, Event, Profile, Return, Session


@define
class UpdateResult:
    """The entities after an update, and the evaluation of the rules."""

    account: Account
    draft: Draft
    event: Event
    profile: Profile | None
    session: Session | None
    evaluation: Evaluation
    return_: Return | None = None

    @property
    def effects(self) -> list[Effect]:
        """The effects to send."""
        return self.evaluation.effects

    @property
    def loyalty(self) -> JSON:
        """The customer's points and the cards that were used."""
        used = product(self.account.programs.loyalty, self.evaluation.loyalty_cards)
        cards = [card for key in used if (card := self.draft.loyalty_cards.get(key))]
        return loyalty_json(self.account, self.draft, self.evaluation.loyalty, self.profile, cards)


def event_json(event: Event) -> JSON:
    """Return an Event."""
    return _common_event_json(event) | {"sessionId": event.session_id}


def advanced_event_json(event: Event) -> JSON:
    """Return an EventV3."""
    shown = _common_event_json(event) | {"integrationId": event.integration_id}
    return shown | {"connectedSessionId": event.session_id} if event.session_id else shown


def _common_event_json(event: Event) -> JSON:
    shown: JSON = {
        "id": event.id,
        "created": event.created,
        "applicationId": APPLICATION_ID,
        "profileId": event.profile_id,
        "type": event.type,
        "attributes": event.attributes,
        "effects": [effect_array(effect) for effect in event.effects],
    }
    store = event.store_integration_id
    return shown if store is None else shown | {"storeIntegrationId": store}
