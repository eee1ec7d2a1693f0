"""What jobs on a cluster share: ``bulk.ray`` and ``bulk.spark`` send the records where they already are.

``connection`` is how a worker finds the API, ``plan`` what it is told, ``rows`` what it is given. ``partitions``
divides a dataset between workers, ``reader`` reads it ahead, ``waiting`` knows whose turn it is. ``send`` sends a
partition with the engine of any job, ``store`` keeps its result, ``totals`` adds up what comes of all of them.
"""

from aiotalonone.bulk.cluster.connection import Connection

__all__ = ["Connection"]
