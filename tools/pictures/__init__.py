"""The pictures of the pages on concepts: ``python -m tools.pictures`` draws them into ``docs/images``."""
