"""The rule engine: campaigns, their conditions and effects."""
