"""The client's own connections, as a transport under its httpx client.

``pool`` sends each request on the connection that was used last, ``slots`` knows which connection is
taken, idle or waited for. ``connect`` makes connections: name, socket, ``tunnel`` through a proxy, ``tls``.
``connection`` is one of them, ``response_parser`` what it reads. ``progress`` tells the caller how far an attempt came,
``failures`` why it failed. ``patched`` keeps test doubles and instruments for httpx working, ``probe`` makes one
connection to look at.
"""
