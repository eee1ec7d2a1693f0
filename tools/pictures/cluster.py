"""The picture of a bulk job on a cluster."""

from tools.pictures.canvas import Kind, Picture


def cluster() -> Picture:
    """Draw the way of a customer's records from the lake to the API."""
    picture = Picture("cluster", "A bulk job on Ray: who reads, divides, sends and paces", 404)
    picture.box((16, 96, 96, 60), "the lake", "a dataset")
    picture.box((150, 20, 190, 262), kind="quiet")
    picture.text((245, 44), "the driver", style="title")
    picture.box((166, 60, 158, 56), "reads", "a stream, in its order")
    picture.box((166, 134, 158, 56), "divides", "by a hash of the ID")
    picture.box((166, 208, 158, 56), "hands out", "one of each bucket")
    picture.arrow([(112, 126), (138, 126), (138, 88), (164, 88)])
    picture.arrow([(245, 116), (245, 132)])
    picture.arrow([(245, 190), (245, 206)])
    actors: tuple[tuple[str, Kind], ...] = (("a client", "accent"), ("a client", "accent"), ("comes and goes", "quiet"))
    for index, (note, kind) in enumerate(actors):
        top = 44 + index * 84
        picture.box((420, top, 120, 56), "actor", note, kind=kind)
        picture.arrow([(326, 236), (372, 236), (372, top + 28), (418, top + 28)], dashed=kind == "quiet")
        picture.arrow([(540, top + 28), (584, top + 28), (584, 146), (598, 146)])
    picture.box((600, 112, 84, 68), "the API")
    picture.text((380, 64), "partitions", style="note")
    picture.box((420, 320, 120, 60), "the pace", "one for all")
    picture.arrow([(480, 268), (480, 318)], "when may I?", at=(480, 298))
    picture.box((166, 320, 158, 60), "checkpoint", "shared storage")
    picture.arrow([(418, 256), (396, 256), (396, 350), (326, 350)], "results", at=(368, 342))
    picture.text((556, 340), "What a lost actor had", style="note", anchor="start")
    picture.text((556, 357), "is given to another,", style="note", anchor="start")
    picture.text((556, 374), "with the same keys.", style="note", anchor="start")
    return picture
