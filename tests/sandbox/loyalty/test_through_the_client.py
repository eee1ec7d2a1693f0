"""Loyalty programs of the sandbox as the client sees them: every response is what its schema says."""

import logging

import attrs
import pytest

from aiotalonone import BadRequestError, NotFoundError
from aiotalonone.models import ActivateLoyaltyPoints, DeleteLoyaltyTransactionsRequest, GenerateLoyaltyCard
from aiotalonone.sandbox import Sandbox
from tests.sandbox.loyalty.support import BOUGHT, CARDS, CLUB, add, deduct, shop_file
from tests.sandbox.support import rule

TIERS = {"tiers": [{"name": "silver", "minPoints": 10}], "tiersExpirationPolicy": "tier_start_date"}
WAITING = add(7, startDate="on_action", expiryDate="30D", subLedgerId="tea")


@pytest.fixture
def sandbox():
    card = {**add(4), "programId": CARDS}
    points = [{"owner": "ada", "amount": 20, "expiryDate": "1Y_U"}]
    members = {"tiersExpireIn": "1Y", "allowSubledger": True, "returnPolicy": "unlimited", "points": points, **TIERS}
    file = shop_file(add(10), WAITING, **members)
    has_mug = [{"type": "cartHasItem", "skus": ["mug"]}]
    file["campaigns"][0]["rules"] += [rule([BOUGHT], card), rule(has_mug, deduct(25))]
    return Sandbox(file)


@pytest.fixture
def every_response_fits(caplog):
    """Check that no response of a test left its schema."""
    caplog.set_level(logging.DEBUG, "aiotalonone")
    yield
    assert not [record for record in caplog.records if "schema" in record.getMessage()]


def unknown_members(value):
    """Yield the members that a model does not have, of everything in a response."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from unknown_members(inner)
    elif attrs.has(type(value)):
        yield from value.extra or ()
        for member in attrs.fields(type(value)):
            if member.name != "extra":
                yield from unknown_members(getattr(value, member.name))


async def buy(client, session="s-1", sku="tea", **members):
    """Close a session."""
    cart = [{"sku": sku, "quantity": 1, "price": 4}]
    content = {"profileId": "ada", "state": "closed", "cartItems": cart, **members}
    body = {"customerSession": content, "responseContent": ["loyalty"]}
    return await client.sessions.update_customer_session_v2(session, body)


@pytest.mark.usefixtures("every_response_fits")
async def test_points_from_earning_to_deletion(client):
    """Points are earned, waited for, activated, spent, listed, taken back and deleted, all with typed results."""
    loyalty = client.loyalty
    await buy(client, "s-0")
    state = await buy(client)
    program = state.loyalty.programs[str(CLUB)]
    assert (program.ledger.current_balance, program.sub_ledgers["tea"].pending_balance) == (40, 14)
    assert program.ledger.current_tier.name == "silver"
    balances = await loyalty.get_loyalty_balances(CLUB, "ada", include_tiers=True, include_projected_tier=True)
    assert (balances.balance.active_points, balances.balance.projected_tier.projected_tier_name) == (40, "silver")
    waiting = await loyalty.get_loyalty_program_profile_transactions(CLUB, "ada", awaits_activation=True)
    assert [one.validity_duration for one in waiting.data] == ["30D", "30D"]
    activated = await loyalty.activate_loyalty_points(CLUB, ActivateLoyaltyPoints(session_id="s-1"))
    assert [(one.sub_ledger_id, one.amount) for one in activated.ledger_entries] == [("tea", 7)]
    points = [one async for one in loyalty.iter_loyalty_program_profile_points(CLUB, "ada", page_size=1)]
    assert sum(one.amount for one in points) == 47
    spent = await buy(client, "s-2", "mug")
    assert [effect.props.value for effect in spent.effects] == [25]
    everything = await loyalty.get_loyalty_program_profile_transactions(CLUB, "ada")
    inventory = await client.customers.get_customer_inventory("ada", loyalty=True)
    assert not [*unknown_members([state, balances, waiting, activated, points, spent, everything, inventory])]
    await loyalty.delete_loyalty_transactions_from_ledgers(
        CLUB, "ada", DeleteLoyaltyTransactionsRequest(scope="AllSubledgers")
    )
    assert not (await loyalty.get_loyalty_program_profile_transactions(CLUB, "ada")).data
    with pytest.raises(BadRequestError):
        await loyalty.join_loyalty_program(CLUB, "ada")
    await loyalty.join_loyalty_program(CLUB, "bob")
    with pytest.raises(NotFoundError):
        await loyalty.get_loyalty_balances(CLUB, "unknown")


@pytest.mark.usefixtures("every_response_fits")
async def test_card_from_generation_to_use(client):
    """A card is generated, linked, used in a session, and read, all with typed results."""
    cards = client.loyalty_cards
    card = await cards.generate_loyalty_card(CARDS, GenerateLoyaltyCard(card_identifier="50%off@tea"))
    linked = await cards.link_loyalty_card_to_profile(CARDS, card.identifier, {"integrationId": "ada"})
    assert [one.integration_id for one in linked.profiles] == ["ada"]
    state = await buy(client, loyaltyCards=[card.identifier], storeIntegrationId="store-1")
    state = await buy(client, "s-2", loyaltyCards=[card.identifier])
    [used] = state.loyalty.cards
    balances = await cards.get_loyalty_card_balances(CARDS, card.identifier)
    assert used.ledger.current_balance == balances.balance.active_points
    transactions = await cards.get_loyalty_card_transactions(CARDS, card.identifier)
    points = await cards.get_loyalty_card_points(CARDS, card.identifier)
    unlinked = await cards.unlink_loyalty_card_from_profile(CARDS, card.identifier, {"integrationId": "ada"})
    assert unlinked.profiles == []
    assert not [*unknown_members([card, linked, state, balances, transactions, points, unlinked])]
