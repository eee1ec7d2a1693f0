"""Loyalty programs: points as they are earned, become active, are spent, expire; tiers; cards.

A ledger is the list of its transactions, from which `standing` computes the balances at any time. `tiers` follows a
balance through time. `accounts` has the ledgers of a customer or a card, `books` those that one request changes.
"""
