"""How a worker of a cluster finds the API: by names of secrets, which are read where the worker runs."""

import os
from pathlib import Path

from attrs import field, frozen
from attrs.validators import instance_of, optional

from aiotalonone.client import AsyncIntegrationClient
from aiotalonone.pipeline.own_client import proxy_from_environment, ssl_context_from_environment


@frozen
class Connection:
    """Where the workers of a job find the API, and its key.

    It travels with the job's plan, and so holds no secret: each worker reads the key from its environment or a file.
    There, ``TALON_ONE_PROXY`` and ``TALON_ONE_CA_FILE`` hold as for ``AsyncIntegrationClient.from_env``.

    Raises:
        TypeError: A value is not a string.
    """

    base_url: str | None = field(default=None, validator=optional(instance_of(str)))
    """The URL of the deployment; ``None`` for the worker's ``TALON_ONE_BASE_URL``."""
    api_key_variable: str = field(default="TALON_ONE_API_KEY", validator=instance_of(str))
    """Name of the worker's environment variable that holds the key."""
    api_key_file: str | None = field(default=None, validator=optional(instance_of(str)))
    """Path of a file that holds the key, such as a mounted secret; it is read in place of the variable."""

    def client(self) -> AsyncIntegrationClient:
        """Return a client, which is not open yet.

        Raises:
            ValueError: The URL or the key is missing where this worker runs, or cannot be used.
            OSError: The file of the key cannot be read.
        """
        return AsyncIntegrationClient(
            self.base_url or _variable("TALON_ONE_BASE_URL"),
            api_key=self._api_key(),
            proxy=proxy_from_environment(),
            ssl_context=ssl_context_from_environment(),
        )

    def _api_key(self) -> str:
        if self.api_key_file is not None:
            return Path(self.api_key_file).read_text("utf-8").strip()
        return _variable(self.api_key_variable)


def _variable(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise ValueError(f"{name} is not set where this worker runs")
    return value
