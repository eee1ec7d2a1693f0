"""A worker that books paid orders at Talon.One, each exactly once, though a queue delivers a message at least once.

``broker`` is the queue on Redis, ``tasks`` what is done with a message, ``orders`` what an order means to Talon.One,
``dead_letters`` what could not be booked. docs/workers.md explains it.
"""
