"""ColumnProfile: what one column of a data set is like, told batch after batch.

A column is held as its numbers, eight bytes each, and the different texts among its values: that much of a
data set, and no more of it, has to fit into the instance's memory.
"""

from __future__ import annotations

import math
import re
from array import array
from collections import Counter
from collections.abc import Iterable

from sagehen.trainingtoolkit.monitoring.reading.batch import Column

# Documented: the types that constraints name.
INTEGRAL, FRACTIONAL, STRING, UNKNOWN = "Integral", "Fractional", "String", "Unknown"
# What counts as a number: Deequ's patterns of its DataType analyzer, and numbers with an exponent.
_INTEGRAL = re.compile(r"[-+]?\d+\Z", re.ASCII)
_FRACTIONAL = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][-+]?\d+)?\Z", re.ASCII)
# Deequ's low cardinality: of columns with more values there is neither a histogram nor a domain.
MOST_CATEGORIES = 120


class ColumnProfile:
    """A column.

    Args:
        domain: Values that a baseline expects; None: any.

    Attributes:
        present: Values that are not missing.
        expected: How many of them the domain has.
        integral, fractional: How many are whole numbers, and other ones.
        numbers: Those.
    """

    def __init__(self, domain: Iterable[str] | None = None) -> None:
        self._domain = None if domain is None else frozenset(domain)
        self.present = self.expected = self.integral = self.fractional = 0
        self.numbers = array("d")
        self._texts: set[str] = set()
        self._counts: dict[str, int] | None = {}

    def add(self, values: Column) -> None:
        """Add the values of a batch: each different one is looked at once."""
        for value, count in Counter(values).items():
            if value is None:
                continue
            self.present += count
            self.expected += count if self._domain is None or value in self._domain else 0
            self._count(value, count)
            text = value.strip()
            if _INTEGRAL.match(text) and math.isfinite(number := float(text)):
                self.integral += count
            elif _FRACTIONAL.match(text) and math.isfinite(number := float(text)):
                self.fractional += count
            else:
                self._texts.add(value)
                continue
            self.numbers.extend([number] * count)

    def _count(self, value: str, count: int) -> None:
        if self._counts is None:
            return
        self._counts[value] = self._counts.get(value, 0) + count
        if len(self._counts) > MOST_CATEGORIES:
            self._counts = None

    @property
    def kind(self) -> str:
        """Its inferred type: one value that is no number makes it text."""
        if not self.present:
            return UNKNOWN
        if self._texts:
            return STRING
        return FRACTIONAL if self.fractional else INTEGRAL

    @property
    def categories(self) -> dict[str, int] | None:
        """How often it has which value, the most frequent first; None: they are too many."""
        if self._counts is None:
            return None
        return dict(sorted(self._counts.items(), key=lambda one: (-one[1], one[0])))

    @property
    def distinct(self) -> int:
        """How many different values it has; exact, where AWS's estimates."""
        if self._counts is not None:
            return len(self._counts)
        import numpy

        return len(self._texts) + len(numpy.unique(numpy.asarray(self.numbers)))

    def share_of(self, kind: str) -> float:
        """Return the share of its values that are of a type: a whole number is a fractional one, too."""
        if not self.present or kind in (STRING, UNKNOWN):
            return 1.0
        return (self.integral + (self.fractional if kind == FRACTIONAL else 0)) / self.present
