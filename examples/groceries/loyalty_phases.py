"""The phases of the replay that are about the club and the seniors' cards."""

from aiotalonone.models import (
    ActivateLoyaltyPoints,
    DeleteLoyaltyTransactionsRequest,
    GenerateLoyaltyCard,
    LoyaltyCardRegistration,
)
from examples.groceries.campaigns import CLUB, SENIOR_CARDS
from examples.groceries.facts import ZERO, exact
from examples.groceries.replay import Replay, independent
from examples.groceries.scenario import card_of


async def give_cards(replay: Replay) -> None:
    """Make a card for each senior, and link it to the household."""
    cards = replay.client.loyalty_cards

    async def give(household: str) -> None:
        card = GenerateLoyaltyCard(status="active", card_identifier=card_of(household))
        with replay.measuring("generateLoyaltyCard"):
            made = await cards.generate_loyalty_card(SENIOR_CARDS, card)
        registration = LoyaltyCardRegistration(integration_id=household)
        with replay.measuring("linkLoyaltyCardToProfile"):
            linked = await cards.link_loyalty_card_to_profile(SENIOR_CARDS, made.identifier, registration)
        replay.observed["card", household, "customers"] = tuple(one.integration_id for one in linked.profiles)

    await replay.phase("Give cards to seniors", independent(replay.scenario.seniors), give)


async def activate_points(replay: Replay) -> None:
    """Activate the consolation points, which await it: those of a session together, others by their transactions."""
    loyalty = replay.client.loyalty

    async def activate(owner: str, points: ActivateLoyaltyPoints) -> None:
        with replay.measuring("activateLoyaltyPoints"):
            activated = await loyalty.activate_loyalty_points(CLUB, points)
        amounts = (exact(entry.amount) for entry in activated.ledger_entries)
        replay.observed["club", owner, "activated"] = sum(amounts, ZERO)

    async def activate_session(session: str) -> None:
        await activate(session, ActivateLoyaltyPoints(session_id=session))

    async def activate_others(household: str) -> None:
        waiting = loyalty.iter_loyalty_program_profile_transactions(CLUB, household, awaits_activation=True)
        await activate(
            household, ActivateLoyaltyPoints(transaction_uuids=[one.transaction_uuid async for one in waiting])
        )

    sessions = independent(replay.scenario.unmatched_sessions)
    await replay.phase("Activate consolation points of sessions", sessions, activate_session)
    households = dict.fromkeys(one.household for one in replay.scenario.redemptions_v2)
    await replay.phase("Activate those of other events", independent(households), activate_others)


async def join_club(replay: Replay) -> None:
    """Let the referred friends join the club before their first basket."""

    async def join(friend: str) -> None:
        with replay.measuring("joinLoyaltyProgram"):
            await replay.client.loyalty.join_loyalty_program(CLUB, friend)
        inventory = await replay.client.customers.get_customer_inventory(friend, loyalty=True)
        programs = inventory.loyalty.programs if inventory.loyalty else {}
        replay.observed["club", friend, "is a member"] = programs[str(CLUB)].join_date is not None

    friends = (referral.friend for referral in replay.scenario.referrals)
    await replay.phase("Let friends join the club", independent(friends), join)


async def read_club(replay: Replay) -> None:
    """Read the points of each redeeming household: balance and tier, transactions, and what is left of them."""
    loyalty, observed = replay.client.loyalty, replay.observed

    async def read(household: str) -> None:
        with replay.measuring("getLoyaltyBalances"):
            balances = await loyalty.get_loyalty_balances(CLUB, household, include_tiers=True)
        if (balance := balances.balance) is not None:
            observed["club", household, "points"] = balance.active_points
            observed["club", household, "tier"] = balance.current_tier.name if balance.current_tier else None
            observed["club", household, "to the next tier"] = balance.points_to_next_tier
        with replay.measuring("getLoyaltyProgramProfileTransactions"):
            transactions = await loyalty.get_loyalty_program_profile_transactions(CLUB, household, page_size=1000)
        observed["club", household, "transactions"] = tuple(sorted(one.amount for one in transactions.data))
        with replay.measuring("getLoyaltyProgramProfilePoints"):
            points = [one async for one in loyalty.iter_loyalty_program_profile_points(CLUB, household, page_size=1000)]
        observed["club", household, "points left"] = sum(one.amount for one in points)

    await replay.phase("Read the club's points", independent(replay.scenario.redeeming_households), read)


async def read_cards(replay: Replay) -> None:
    """Read the points of each card in the same way."""
    cards, observed = replay.client.loyalty_cards, replay.observed

    async def read(household: str) -> None:
        card = card_of(household)
        with replay.measuring("getLoyaltyCardBalances"):
            balances = await cards.get_loyalty_card_balances(SENIOR_CARDS, card)
        points = balances.balance.active_points if balances.balance else None
        observed["card", household, "points"] = None if points is None else exact(points)
        with replay.measuring("getLoyaltyCardTransactions"):
            transactions = await cards.get_loyalty_card_transactions(SENIOR_CARDS, card, page_size=1000)
        observed["card", household, "transactions"] = tuple(sorted(exact(one.amount) for one in transactions.data))
        with replay.measuring("getLoyaltyCardPoints"):
            left = [one async for one in cards.iter_loyalty_card_points(SENIOR_CARDS, card, page_size=1000)]
        observed["card", household, "points left"] = sum((exact(one.amount) for one in left), ZERO)

    await replay.phase("Read the points of cards", independent(replay.scenario.seniors), read)


async def unlink_unused_cards(replay: Replay) -> None:
    """Unlink the cards that were never used for a purchase."""

    async def unlink(household: str) -> None:
        registration = LoyaltyCardRegistration(integration_id=household)
        with replay.measuring("unlinkLoyaltyCardFromProfile"):
            card = await replay.client.loyalty_cards.unlink_loyalty_card_from_profile(
                SENIOR_CARDS, card_of(household), registration
            )
        replay.observed["card", household, "customers in the end"] = tuple(one.integration_id for one in card.profiles)

    await replay.phase("Unlink unused cards", independent(replay.scenario.seniors_without_purchases), unlink)


async def restart_in_club(replay: Replay) -> None:
    """Delete all points of one household, which starts from zero."""
    loyalty = replay.client.loyalty

    async def restart(household: str) -> None:
        with replay.measuring("deleteLoyaltyTransactionsFromLedgers"):
            await loyalty.delete_loyalty_transactions_from_ledgers(
                CLUB, household, DeleteLoyaltyTransactionsRequest(scope="AllSubledgers")
            )
        balance = (await loyalty.get_loyalty_balances(CLUB, household)).balance
        replay.observed["club", household, "points after a new start"] = balance.active_points if balance else None

    await replay.phase("Delete the points of one household", independent([replay.scenario.restarted]), restart)
