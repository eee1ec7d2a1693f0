"""Send the profiles of a Ray dataset, on the cluster that holds it: needs the extra ``ray``.

    report, rejects = sync_profiles(ray.data.read_parquet("s3://lake/customers"), Connection(), job="nightly", …)

``dispatch`` runs where the dataset is used: it reads it as a stream, in its order, and gives partitions to the actors
of ``workers``. A bucket of customers has one partition in flight, so that the records of a customer keep their order;
any actor may take the next partition of any bucket, so that actors can come and go. What a lost actor has not finished
is sent again with the same idempotency keys.
"""

try:
    import ray as _ray  # noqa: F401
    import ray.data as _ray_data  # noqa: F401
except ModuleNotFoundError as _missing:
    raise ModuleNotFoundError(
        f'jobs on Ray need {_missing.name}: pip install "aiotalonone[ray]"', name=_missing.name
    ) from None

from aiotalonone.bulk.cluster import Connection
from aiotalonone.bulk.ray.sync import Dataset, SyncResult, Tables, sync_profiles

__all__ = ["Connection", "Dataset", "SyncResult", "Tables", "sync_profiles"]
