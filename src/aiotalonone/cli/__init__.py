"""The command ``aiotalonone``: jobs from files, a check of the connection, and the sandbox.

``app`` names the commands. ``profiles`` and ``audiences`` read ``rows`` of a file into ``records`` and hand them to
``sync``, which runs the job that ``aiotalonone.bulk`` has for them, and ``screen`` and ``summary`` show it.
"""
