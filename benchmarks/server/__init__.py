"""A server on loopback, a process of its own, that responds with fixed bytes and as little work as possible."""
