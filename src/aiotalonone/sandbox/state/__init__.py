"""What the sandbox holds: entities, and the state that has them all, which requests change by drafts."""

from aiotalonone.sandbox.state.state import Draft, State

__all__ = ["Draft", "State"]
