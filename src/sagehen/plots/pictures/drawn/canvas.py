"""Canvas: a figure of so many pixels, and text that is measured before it is placed."""

from __future__ import annotations

import io
from typing import Any

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import Normal, Stroke

DPI = 100
INK, FAINT_INK, GRID = "#16191f", "#545b64", "#e6e9ec"
# Points; 1 pt is 1.39 px here.
TITLE_PT, TEXT_PT = 11.0, 8.5
# Around words that lie on lines.
HALO = (Stroke(linewidth=2.5, foreground="white"), Normal())

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
        self.figure.add_artist(
            Rectangle(
                (x / self.width, 1 - (y + height) / self.height),
                width / self.width,
                height / self.height,
                transform=self.figure.transFigure,
                facecolor=color,
                linewidth=0,
            )
        )

    def text_width(self, text: str, size: float = TEXT_PT, **more: Any) -> float:
        """Return how many pixels a text is wide."""
        if not text:
            return 0.0
        artist = self.text(0, 0, text, size=size, **more)
        width = float(artist.get_window_extent(self._renderer).width)
        artist.remove()
        return width

    def fitted(self, text: str, width: float, size: float = TEXT_PT, **more: Any) -> str:
        """Return a text as much of which as fits; an ellipsis says that there is more."""
        full = self.text_width(text, size, **more)
        if full <= width:
            return text
        kept = text[: max(0, int(len(text) * width / full))]
        while kept and self.text_width(kept + "…", size, **more) > width:
            kept = kept[:-1]
        return kept.rstrip() + "…" if kept else ""
