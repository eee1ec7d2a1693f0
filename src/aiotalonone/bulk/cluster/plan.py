"""What each worker of a job is told, whatever the cluster is."""

from typing import Self
from uuid import uuid4

from attrs import evolve, frozen

from aiotalonone.bulk.cluster.connection import Connection
from aiotalonone.bulk.cluster.rows import FlatRow, Partition, ToRecord
from aiotalonone.bulk.cluster.send import PartitionResult, send_partition
from aiotalonone.bulk.cluster.store import JobRun, JobStore
from aiotalonone.bulk.concurrency import AdaptiveConcurrency
from aiotalonone.client import AsyncIntegrationClient
from aiotalonone.settings import validate_positive_int, validate_type


@frozen
class Plan:
    """A job, as its workers know it. It holds no secret."""

    connection: Connection
    run: JobRun
    store: JobStore | None
    to_record: ToRecord
    redact: bool
    concurrency: int
    """Maximum requests in flight of one partition."""

    @classmethod
    def start(
        cls,
        connection: Connection,
        *,
        job: str,
        checkpoint: str | None,
        restart: bool,
        buckets: int,
        id_column: str,
        to_record: ToRecord | None,
        redact: bool,
        concurrency: int,
    ) -> Self:
        """Return the plan of a job that starts, or resumes where it was left unfinished.

        Raises:
            CheckpointError: What the folder has of the job is damaged.
            OSError: The folder cannot be read or written.
            TypeError: A setting has a wrong type.
            ValueError: A setting is invalid.
        """
        validate_type("connection", connection, Connection)
        validate_type("redact", redact, bool)
        validate_positive_int("concurrency", concurrency)
        plan = cls(
            connection=connection,
            run=JobRun(uuid4().hex, buckets),
            store=None if checkpoint is None else JobStore(checkpoint, job),
            to_record=to_record or FlatRow(id_column),
            redact=redact,
            concurrency=concurrency,
        )
        if plan.store is None:
            return plan
        return evolve(plan, run=plan.store.start(plan.run, restart=restart))

    def finish(self) -> None:
        """Note that the job is finished: the next one starts from the first record.

        Raises:
            OSError: The folder cannot be written.
        """
        if self.store is not None:
            self.store.finish(self.run)

    async def send(
        self,
        partition: Partition,
        client: AsyncIntegrationClient,
        limit: AdaptiveConcurrency,
        *,
        may_reject_all: bool,
    ) -> PartitionResult:
        """Send a partition, and return its rejects with the positions of their rows in the whole source.

        Args:
            partition: One of the job's.
            client: An open client.
            limit: How many requests may be in flight, as all partitions of this process know it.
            may_reject_all: Whether other partitions show that the API accepts records.

        Raises:
            Exception: As ``aiotalonone.bulk.cluster.send.send_partition``, and what making the records raises.
        """
        result = await send_partition(
            partition.records(self.to_record),
            client,
            key=f"{self.run.run}/{partition.name}",
            limit=limit,
            store=self.store,
            redact=self.redact,
            may_reject_all=may_reject_all,
        )
        positions = partition.positions
        rejects = [{**reject, "position": positions[reject["position"]]} for reject in result.rejects]
        return PartitionResult(result.report, rejects)
