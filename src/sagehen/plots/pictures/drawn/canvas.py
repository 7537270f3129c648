"""Canvas: a figure of so many pixels, and text that is measured before it is placed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle, Wedge
from matplotlib.transforms import IdentityTransform

DPI = 100
INK, FAINT_INK, GRID = "#16191f", "#545b64", "#e6e9ec"
# Points; 1 pt is 1.39 px here.
TITLE_PT, TEXT_PT = 11.0, 8.5
# Behind words that lie on lines.
BEHIND = {"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 1.0}

matplotlib.rcParams.update(
    {
        # Matplotlib's own font: the same picture everywhere, and no file of anybody's is opened.
        "font.family": ["DejaVu Sans"],
        "font.size": TEXT_PT,
        # `$...$` in a label is a label. TeX would be a program to run.
        "text.parse_math": False,
        "text.usetex": False,
        "axes.formatter.use_mathtext": False,
        "axes.unicode_minus": True,
        # Long lines are drawn in pieces: Agg refuses what has too many cells.
        "agg.path.chunksize": 20_000,
        "path.simplify": True,
    }
)


class Canvas:
    """A white figure. Places are in pixels from the upper left corner."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI, facecolor="white")
        self._agg = FigureCanvasAgg(self.figure)
        self._renderer: Any = self._agg.get_renderer()
        self._widths: dict[tuple[str, float, str], float] = {}

    def png(self) -> bytes:
        """Return the picture."""
        buffer = io.BytesIO()
        # No metadata: the same chart is the same bytes.
        self._agg.print_png(buffer, metadata={"Software": None})
        return buffer.getvalue()

    def axes(self, left: float, top: float, right: float, bottom: float) -> Any:
        """Return axes within these edges."""
        width, height = max(1.0, right - left), max(1.0, bottom - top)
        return self.figure.add_axes(
            (left / self.width, 1 - bottom / self.height, width / self.width, height / self.height)
        )

    def text(
        self, x: float, y: float, text: str, *, size: float = TEXT_PT, color: str = INK, **more: Any
    ) -> Any:
        """Write a text whose left middle (or as `ha`, `va` say) is there."""
        options = {"ha": "left", "va": "center_baseline", **more}
        return self.figure.text(
            x / self.width, 1 - y / self.height, text, fontsize=size, color=color, parse_math=False, **options
        )

    def box(self, x: float, y: float, width: float, height: float, color: str) -> None:
        """Fill a rectangle whose upper left corner is there."""
        self._add(Rectangle((x, self.height - y - height), width, height, facecolor=color, linewidth=0))

    def wedge(
        self,
        x: float,
        y: float,
        radius: float,
        inner: float,
        degrees: tuple[float, float],
        color: str,
        edge: str = "none",
    ) -> None:
        """Fill a part of a ring around a place, counterclockwise between two angles from three o'clock."""
        self._add(
            Wedge(
                (x, self.height - y), radius, *degrees, width=radius - inner, facecolor=color, edgecolor=edge
            )
        )

    def line(self, points: Sequence[tuple[float, float]], color: str, width: float) -> None:
        """Draw a line; it is broken at what is no number."""
        xs, ys = [x for x, _ in points], [self.height - y for _, y in points]
        self._add(Line2D(xs, ys, color=color, linewidth=width, solid_joinstyle="round"))

    def polygon(self, points: Sequence[tuple[float, float]], color: str, alpha: float) -> None:
        """Fill a shape."""
        self._add(
            Polygon([(x, self.height - y) for x, y in points], facecolor=color, alpha=alpha, linewidth=0)
        )

    def _add(self, artist: Any) -> None:
        # In pixels: axes of their own for a few shapes would take 20 ms each.
        artist.set_transform(IdentityTransform())
        self.figure.add_artist(artist)

    def text_width(self, text: str, size: float = TEXT_PT, weight: str = "normal") -> float:
        """Return how many pixels a text is wide."""
        if not text:
            return 0.0
        key = (text, size, weight)
        if key not in self._widths:
            font = FontProperties(size=size, weight=weight)
            self._widths[key] = float(self._renderer.get_text_width_height_descent(text, font, False)[0])
        return self._widths[key]

    def fitted(self, text: str, width: float, size: float = TEXT_PT, weight: str = "normal") -> str:
        """Return a text, or as much of it as fits; an ellipsis says that there is more."""
        if self.text_width(text, size, weight) <= width:
            return text
        fits, beyond = 0, len(text)
        while beyond - fits > 1:
            middle = (fits + beyond) // 2
            if self.text_width(text[:middle] + "…", size, weight) <= width:
                fits = middle
            else:
                beyond = middle
        return text[:fits].rstrip() + "…" if fits else ""
