"""The command ``aiotalonone``: syncs of files, a check of the connection, and the sandbox.

``app`` has the commands. ``profiles``, ``audiences`` and ``catalogs`` turn ``rows`` of a file into ``records`` and hand
them to ``sync``, which runs the job of ``aiotalonone.bulk``; ``console`` shows its progress and ``output`` its result.
"""
