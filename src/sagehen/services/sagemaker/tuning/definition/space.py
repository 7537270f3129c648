"""The space that a tuning job searches: hyperparameters, and their values as points of the unit cube. Pure.

A search thinks in coordinates from 0 to 1, whatever a parameter's range and scale are; what a training job
gets is text, as AWS gives it. A point that was told is the one of its text, so that what is rounded is
rounded for the search too.

Worked examples: Logarithmic from 0.0001 to 0.01, coordinate 0.5 -> 0.001. ReverseLogarithmic from 0 to 0.99,
0.5 -> 0.9 (1 - x goes from 1 to 0.01). Integer from 1 to 4, Linear: 0 to 0.25 -> 1, 0.25 to 0.5 -> 2, ...
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# Auto takes logarithms where a range of positive numbers spans this much: two orders of magnitude. AWS does
# not say what it chooses.
_AUTO_LOGARITHMIC_FROM = 100.0

Point = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """Linear, Logarithmic or ReverseLogarithmic, between two bounds; `low` < `high`."""

    kind: str
    low: float
    high: float

    def value(self, coordinate: float) -> float:
        """Return the number at a coordinate from 0 to 1."""
        if coordinate in (0.0, 1.0):
            return self.high if coordinate else self.low
        if self.kind == "Logarithmic":
            found = math.exp(_between(math.log(self.low), math.log(self.high), coordinate))
        elif self.kind == "ReverseLogarithmic":
            found = 1 - math.exp(_between(math.log1p(-self.low), math.log1p(-self.high), coordinate))
        else:
            found = _between(self.low, self.high, coordinate)
        return min(max(found, self.low), self.high)  # logarithms and back lose the last digit

    def coordinate(self, value: float) -> float:
        """Return where a number lies; one outside lies on the nearer bound."""
        value = min(max(value, self.low), self.high)
        if self.kind == "Logarithmic":
            low, high, value = math.log(self.low), math.log(self.high), math.log(value)
        elif self.kind == "ReverseLogarithmic":
            low, high, value = math.log1p(-self.low), math.log1p(-self.high), math.log1p(-value)
        else:
            low, high = self.low, self.high
        span = high / 2 - low / 2  # halves: the whole may be beyond a float
        share = (value / 2 - low / 2) / span if span else 0.5
        return min(max(share, 0.0), 1.0)


@dataclass(frozen=True, slots=True)
class Continuous:
    """A ContinuousParameterRange."""

    name: str
    scale: Scale

    @property
    def choices(self) -> int | None:
        return None

    def choice(self, index: int) -> str:
        """There is none to be counted.

        Raises:
            ValueError: Always.
        """
        raise ValueError(f"{self.name} is continuous")

    def text(self, coordinate: float) -> str:
        """Return the value at a coordinate, as a training job gets it."""
        return repr(self.scale.value(coordinate))

    def coordinate(self, text: str) -> float | None:
        """Return where a value lies; None for what is no number, or outside."""
        try:
            value = float(text)
        except ValueError:
            return None
        inside = self.scale.low <= value <= self.scale.high
        return self.scale.coordinate(value) if inside else None


@dataclass(frozen=True, slots=True)
class Integer:
    """An IntegerParameterRange, from `low` to `high`, both of them included.

    Args:
        scale: From half below the one to half above the other, so that every integer has its share.
    """

    name: str
    low: int
    high: int
    scale: Scale

    @property
    def choices(self) -> int | None:
        return self.high - self.low + 1

    def choice(self, index: int) -> str:
        """Return one of the choices."""
        return str(self.low + index)

    def text(self, coordinate: float) -> str:
        """Return the value at a coordinate, as a training job gets it."""
        return str(min(max(math.floor(self.scale.value(coordinate) + 0.5), self.low), self.high))

    def coordinate(self, text: str) -> float | None:
        """Return where a value lies; None for what is no integer, or outside."""
        try:
            value = int(text)
        except ValueError:
            return None
        return self.scale.coordinate(value) if self.low <= value <= self.high else None


@dataclass(frozen=True, slots=True)
class Categorical:
    """A CategoricalParameterRange."""

    name: str
    values: tuple[str, ...]

    @property
    def choices(self) -> int | None:
        return len(self.values)

    def choice(self, index: int) -> str:
        """Return one of the choices."""
        return self.values[index]

    def text(self, coordinate: float) -> str:
        """Return the value at a coordinate: each has the same share."""
        return self.values[min(int(coordinate * len(self.values)), len(self.values) - 1)]

    def coordinate(self, text: str) -> float | None:
        """Return the middle of a value's share; None for what is not among them."""
        if text not in self.values:
            return None
        return (self.values.index(text) + 0.5) / len(self.values)


Parameter = Continuous | Integer | Categorical


@dataclass(frozen=True, slots=True)
class Space:
    """All hyperparameters that a definition tunes."""

    parameters: tuple[Parameter, ...]

    @property
    def combinations(self) -> int | None:
        """How many there are; None where a continuous one makes them too many to count."""
        counts = [parameter.choices for parameter in self.parameters]
        return None if None in counts else math.prod(count for count in counts if count is not None)

    @property
    def is_categorical(self) -> bool:
        """Whether every parameter is."""
        return all(isinstance(parameter, Categorical) for parameter in self.parameters)

    def texts(self, point: Sequence[float]) -> dict[str, str]:
        """Return the hyperparameters at a point, by name."""
        pairs = zip(self.parameters, point, strict=True)
        return {parameter.name: parameter.text(coordinate) for parameter, coordinate in pairs}

    def point(self, texts: Mapping[str, str]) -> Point | None:
        """Return where hyperparameters lie; None where one is missing or not of this space."""
        found = []
        for parameter in self.parameters:
            coordinate = parameter.coordinate(texts[parameter.name]) if parameter.name in texts else None
            if coordinate is None:
                return None
            found.append(coordinate)
        return tuple(found)


def scale_of(kind: str, low: float, high: float) -> Scale:
    """Return the scale that a ScalingType asks for, of bounds that it allows."""
    if kind == "Auto":
        spans = low > 0 and high / low >= _AUTO_LOGARITHMIC_FROM
        kind = "Logarithmic" if spans else "Linear"
    return Scale(kind, low, high)


def integer(name: str, low: int, high: int, kind: str) -> Integer:
    """Return an integer parameter whose scale gives each integer a share."""
    bounds = scale_of(kind, float(low), float(high))
    # Half below 1 is still above 0, which logarithms need.
    return Integer(name, low, high, Scale(bounds.kind, low - 0.5, high + 0.5))


def _between(low: float, high: float, share: float) -> float:
    return low * (1 - share) + high * share
