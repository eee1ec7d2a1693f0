"""Loyalty programs: points as they are earned, become active, are spent, expire; tiers; cards.

A ledger is the list of its transactions. `standing` replays them up to some time, and tells what has become of the
points by then; `tiers` follows the active ones to the tiers that they lead to. `accounts` has the ledgers of a customer
or a card.
"""
