"""Draw the pictures of the pages on concepts into ``docs/images``."""

from pathlib import Path

from tools.pictures.calls import deadlines, idempotency, lanes, outcomes, retries
from tools.pictures.canvas import Picture
from tools.pictures.cluster import cluster
from tools.pictures.network import connections, pool
from tools.pictures.shop import effects, sessions

FOLDER = Path(__file__).parents[2] / "docs" / "images"


def pictures() -> list[Picture]:
    """Return all pictures, in the order of the pages."""
    drawn = (sessions, effects, outcomes, retries, idempotency, lanes, deadlines, pool, connections, cluster)
    return [draw() for draw in drawn]


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for picture in pictures():
        (FOLDER / f"{picture.name}.svg").write_text(picture.svg(), "utf-8")
