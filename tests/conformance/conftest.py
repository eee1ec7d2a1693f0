"""Requests that schemathesis makes of the API's specification; nothing is collected without the two."""

from importlib.util import find_spec

from tests.conformance.specification import SPECIFICATION

collect_ignore_glob = [] if find_spec("schemathesis") and SPECIFICATION.exists() else ["test_*.py"]
