"""The colours of series that name none, and what counts as a colour."""

from __future__ import annotations

import re

# Documented: CloudWatch, "Dashboard body structure and syntax", colours that the console gives by itself.
PALETTE = (
    "#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd",
    "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf",
    "#aec7e8", "#ffbb78", "#98df8a", "#ff9896", "#c5b0d5",
    "#c49c94", "#f7b6d2", "#c7c7c7", "#dbdb8d", "#9edae5",
)  # fmt: skip
ANNOTATION = "#d13212"
_HEX = re.compile(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})")


def color_of(color: str, number: int) -> str:
    """Return the colour asked for, or that of the palette for the series of this number."""
    return color if _HEX.fullmatch(color) else PALETTE[number % len(PALETTE)]


def annotation_color(color: str) -> str:
    """Return the colour asked for, or that of thresholds."""
    return color if _HEX.fullmatch(color) else ANNOTATION
