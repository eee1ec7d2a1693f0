"""What jobs on a cluster share: ``bulk.ray`` and ``bulk.spark`` send the records where they already are.

``connection`` is how a worker finds the API, ``partitions`` how records are divided between workers, ``store`` where
the results of partitions are kept, ``totals`` what comes of all of them.
"""

from aiotalonone.bulk.cluster.connection import Connection

__all__ = ["Connection"]
