"""A picture in SVG: boxes, arrows, bars and texts in one style, for light and dark screens."""

from collections.abc import Sequence
from typing import Final, Literal
from xml.sax.saxutils import escape

Kind = Literal["plain", "accent", "quiet", "warn"]
Anchor = Literal["start", "middle", "end"]
Point = tuple[float, float]

WIDTH: Final = 700
LINE_HEIGHT: Final = 17
_RADIUS: Final = 8
_STYLE: Final = """
:root{--paper:#fff;--ink:#1c2327;--muted:#57626b;--line:#8b969f;--box:#f3f5f6;--accent:#0b6e4f;--soft:#dff1ea;\
--warn:#9a3412;--warm:#fdece3}
@media (prefers-color-scheme:dark){:root{--paper:#16191c;--ink:#e8ecee;--muted:#a5b0b8;--line:#7b8790;--box:#22272b;\
--accent:#5fd0a7;--soft:#123a2d;--warn:#f4a77d;--warm:#43231a}}
text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-size:13px;\
fill:var(--ink)}
.title{font-weight:600}.note{fill:var(--muted);font-size:12px}.accent{fill:var(--accent);font-weight:600}
.warn{fill:var(--warn);font-weight:600}.code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;\
font-size:12px}
.halo{paint-order:stroke;stroke:var(--paper);stroke-width:5px;stroke-linejoin:round}
.box{stroke-width:1.3}.plain{fill:var(--box);stroke:var(--line)}.box.accent{fill:var(--soft);stroke:var(--accent)}
.quiet{fill:var(--paper);stroke:var(--line);stroke-dasharray:4 3}.box.warn{fill:var(--warm);stroke:var(--warn)}
.arrow{fill:none;stroke:var(--line);stroke-width:1.5}.dashed{stroke-dasharray:4 4}
.head{fill:var(--line)}.dot{fill:var(--ink)}
"""
_ARROW_HEAD: Final = (
    '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" '
    'orient="auto-start-reverse"><path class="head" d="M0 0L10 5L0 10z"/></marker></defs>'
)


class Picture:
    """One picture, 700 units wide: as wide as a page shows it.

    Args:
        name: Of its file, without suffix.
        title: What it shows, for readers who do not see it.
        height: In the units of its width.
    """

    def __init__(self, name: str, title: str, height: int) -> None:
        self.name = name
        self.title = title
        self.height = height
        self._parts: list[str] = []

    def box(self, place: tuple[float, float, float, float], *lines: str, kind: Kind = "plain") -> None:
        """Draw a box at x, y with width and height; its first line is its title."""
        x, y, width, height = place
        self._parts.append(
            f'<rect class="box {kind}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{_RADIUS}"/>'
        )
        top = y + height / 2 - (len(lines) - 1) * LINE_HEIGHT / 2 + 4.5
        for index, line in enumerate(lines):
            self.text((x + width / 2, top + index * LINE_HEIGHT), line, style="note" if index else "title")

    def bar(self, place: tuple[float, float, float, float], line: str, kind: Kind = "plain") -> None:
        """Draw a span of time, with a short text in it."""
        x, y, width, height = place
        self._parts.append(
            f'<rect class="box {kind}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="4"/>'
        )
        self.text((x + width / 2, y + height / 2 + 4.5), line, style="note" if kind == "quiet" else "")

    def text(self, at: Point, line: str, *, style: str = "", anchor: Anchor = "middle") -> None:
        """Write a line with its middle, start or end at a point of its base line."""
        self._parts.append(
            f'<text class="{style}" x="{at[0]:g}" y="{at[1]:g}" text-anchor="{anchor}">{escape(line)}</text>'
        )

    def arrow(
        self,
        points: Sequence[Point],
        label: str = "",
        *,
        at: Point | None = None,
        style: str = "note",
        dashed: bool = False,
    ) -> None:
        """Draw an arrow along points; its label stands in the middle of its first step, or at a point."""
        path = " ".join(f"{'L' if index else 'M'}{x:g} {y:g}" for index, (x, y) in enumerate(points))
        line = "arrow dashed" if dashed else "arrow"
        self._parts.append(f'<path class="{line}" d="{path}" marker-end="url(#head)"/>')
        if label:
            (x1, y1), (x2, y2) = points[0], points[1]
            self.text(at or ((x1 + x2) / 2, (y1 + y2) / 2 - 7), label, style=f"{style} halo")

    def rule(self, start: Point, end: Point, *, dashed: bool = True) -> None:
        """Draw a line without a head."""
        line = "arrow dashed" if dashed else "arrow"
        self._parts.append(f'<path class="{line}" d="M{start[0]:g} {start[1]:g} L{end[0]:g} {end[1]:g}"/>')

    def dot(self, at: Point) -> None:
        """Draw where something starts."""
        self._parts.append(f'<circle class="dot" cx="{at[0]:g}" cy="{at[1]:g}" r="5"/>')

    def svg(self) -> str:
        """Return the picture as the text of its file."""
        size = f'viewBox="0 0 {WIDTH} {self.height}" width="{WIDTH}" height="{self.height}"'
        title = escape(self.title, {'"': "&quot;"})
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{title}">',
            f"<title>{title}</title>",
            f"<style>{_STYLE}</style>",
            _ARROW_HEAD,
            f'<rect width="{WIDTH}" height="{self.height}" rx="12" fill="var(--paper)"/>',
            *self._parts,
            "</svg>",
        ]
        return "\n".join(lines) + "\n"
