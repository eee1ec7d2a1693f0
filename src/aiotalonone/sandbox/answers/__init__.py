"""How answers look: the entities, and the two kinds of state around them."""
