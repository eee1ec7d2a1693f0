"""How responses look: the entities, and the two versions of the state around them."""
