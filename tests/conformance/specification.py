"""Where the API's specification is, if this checkout has it beside it."""

from pathlib import Path

SPECIFICATION = Path(__file__).parents[3] / "shared" / "spec" / "integration-current.yaml"
