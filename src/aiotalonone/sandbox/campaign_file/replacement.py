"""Replace the campaign file of a sandbox that runs: what customers have stored stays, if it is still about anything.

A coupon, a code of a giveaway pool, an audience or a catalog that both files have keeps what has become of it. What
only the old file had is gone, and so is what belongs to a campaign, a program or an achievement that is gone.
"""

from collections import Counter
from collections.abc import Iterator

from attrs import evolve

from aiotalonone.sandbox.campaign_file.file import Setup
from aiotalonone.sandbox.loyalty.accounts import AccountKey, LoyaltyAccount
from aiotalonone.sandbox.loyalty.cards import LoyaltyCard
from aiotalonone.sandbox.state import State
from aiotalonone.sandbox.state.achievements import Progress
from aiotalonone.sandbox.state.audiences import Audience
from aiotalonone.sandbox.state.entities import Coupon, Giveaway, Profile
from aiotalonone.sandbox.validation import JsonObject


def carry_over(old: Setup, new: Setup) -> Setup:
    """Return the new setup with what the old one's state has that still belongs to something."""
    before, state = old.state, new.state
    state.sessions, state.applied = before.sessions, before.applied
    state.events, state.advanced_events = before.events, before.advanced_events
    state.coupons = _coupons(old, new)
    state.referrals = {
        code: referral for code, referral in before.referrals.items() if referral.campaign_id in new.account.campaigns
    }
    state.giveaways = _giveaways(before, state)
    state.achievement_progress = _progress(old, new)
    state.audiences = _audiences(old, state)
    _keep_catalogs(old, new)
    state.loyalty_accounts = _accounts(old, new)
    state.loyalty_cards = _cards(old, new)
    state.profiles |= {key: _kept(profile, new) for key, profile in before.profiles.items()}
    return new


def _kept(profile: Profile, new: Setup) -> Profile:
    """Return a customer without what is about campaigns and audiences that are gone."""
    campaigns = new.account.campaigns.keys()
    return evolve(
        profile,
        audiences=profile.audiences & new.state.audiences.keys(),
        referred_by=profile.referred_by & campaigns,
        coupons_redeemed=Counter({key: profile.coupons_redeemed[key] for key in campaigns & profile.coupons_redeemed}),
    )


def _coupons(old: Setup, new: Setup) -> dict[str, Coupon]:
    """Return the new file's coupons, with their use so far, and those that effects have created since."""
    listed = {
        entry.values.get("value") for campaign in _entries(old, "campaigns") for entry in campaign.objects("coupons")
    }
    coupons = dict(new.state.coupons)
    for value, before in old.state.coupons.items():
        if value in coupons:
            coupons[value] = evolve(
                coupons[value],
                id=before.id,
                created=before.created,
                redemptions=before.redemptions,
                reserved_by=before.reserved_by,
            )
        elif value not in listed and before.campaign_id in new.account.campaigns:
            coupons[value] = before
    return coupons


def _giveaways(before: State, state: State) -> dict[int, Giveaway]:
    """Return the new file's giveaways; of several equal codes in a pool as many are used as before."""
    known: dict[tuple[int, str], list[Giveaway]] = {}
    for one in before.giveaways.values():
        known.setdefault((one.pool_id, one.code), []).append(one)
    kept: dict[int, Giveaway] = {}
    for one in state.giveaways.values():
        same = known.get((one.pool_id, one.code))
        giveaway = same.pop(0) if same else one
        kept[giveaway.id] = giveaway
    return kept


def _progress(old: Setup, new: Setup) -> dict[tuple[int, str], Progress]:
    achievements = new.account.programs.achievements
    return {
        key: evolve(progress, achievement=achievements[progress.achievement.id])
        for key, progress in old.state.achievement_progress.items()
        if progress.achievement.id in achievements
    }


def _audiences(old: Setup, state: State) -> dict[int, Audience]:
    """Return the new file's audiences, and those that requests have created since."""
    listed = {entry.values.get("id") for entry in _entries(old, "audiences")}
    created = {key: audience for key, audience in old.state.audiences.items() if key not in listed}
    return created | state.audiences


def _keep_catalogs(old: Setup, new: Setup) -> None:
    """Keep the catalogs that both files describe alike, with what requests have changed since."""
    described = {entry.values.get("id"): entry.values for entry in _entries(old, "catalogs")}
    kept: set[int] = set()
    for entry in _entries(new, "catalogs"):
        key = entry.required_integer("id")
        if described.get(key) != entry.values or key not in old.state.catalogs:
            continue
        new.state.catalogs[key] = old.state.catalogs[key]
        kept.add(key)
    items, before = new.state.catalog_items, old.state.catalog_items
    new.state.catalog_items = {
        **{key: item for key, item in items.items() if item.catalog_id not in kept},
        **{key: item for key, item in before.items() if item.catalog_id in kept},
    }


def _accounts(old: Setup, new: Setup) -> dict[AccountKey, LoyaltyAccount]:
    programs = new.account.programs.loyalty
    kept = {
        key: evolve(account, program=programs[account.program.id])
        for key, account in old.state.loyalty_accounts.items()
        if account.program.id in programs and programs[account.program.id].card_based == account.program.card_based
    }
    return new.state.loyalty_accounts | kept


def _cards(old: Setup, new: Setup) -> dict[AccountKey, LoyaltyCard]:
    programs = new.account.programs.loyalty
    kept = {
        key: card
        for key, card in old.state.loyalty_cards.items()
        if card.program_id in programs and programs[card.program_id].card_based
    }
    return new.state.loyalty_cards | kept


def _entries(setup: Setup, name: str) -> Iterator[JsonObject]:
    yield from JsonObject(dict(setup.document)).objects(name)
