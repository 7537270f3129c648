"""Canvas: dots in a grid of braille characters."""

from __future__ import annotations

_BLANK = 0x2800
# Of the dot in column x and row y of a character: Unicode, "Braille Patterns".
_BITS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))


class Canvas:
    """`columns` x `rows` characters, 2 x 4 dots each. The dot (0, 0) is the one at the lower left.

    A character has the owner who drew in it last: its colour.
    """

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.width, self.height = 2 * columns, 4 * rows
        self._cells = [[0] * columns for _ in range(rows)]
        self._owners: list[list[int | None]] = [[None] * columns for _ in range(rows)]

    def dot(self, x: int, y: int, owner: int) -> None:
        """Set a dot; those outside are left out."""
        if 0 <= x < self.width and 0 <= y < self.height:
            row, column = self.rows - 1 - y // 4, x // 2
            self._cells[row][column] |= _BITS[x % 2][3 - y % 4]
            self._owners[row][column] = owner

    def line(self, start: tuple[int, int], end: tuple[int, int], owner: int, dash: tuple[int, int]) -> None:
        """Draw a straight line between two dots within the canvas; `dash` is dots on, dots off."""
        (x0, y0), (x1, y1) = start, end
        length = max(abs(x1 - x0), abs(y1 - y0))
        on, off = dash
        for step in range(length + 1):
            share = step / length if length else 0.0
            x, y = round(x0 + (x1 - x0) * share), round(y0 + (y1 - y0) * share)
            # By place, not by step: dashes go on from one short line to the next.
            if not off or (x if abs(x1 - x0) >= abs(y1 - y0) else y) % (on + off) < on:
                self.dot(x, y, owner)

    def column(self, x: int, low: int, high: int, owner: int, every: int = 1) -> None:
        """Fill a column of dots, each or every so many."""
        for y in range(min(low, high), max(low, high) + 1):
            if every == 1 or (x + y) % every == 0:
                self.dot(x, y, owner)

    def row(self, number: int) -> list[tuple[str, int | None]]:
        """Return a row's characters with their owners, from the top."""
        return [
            (chr(_BLANK + bits) if bits else " ", owner)
            for bits, owner in zip(self._cells[number], self._owners[number], strict=True)
        ]
