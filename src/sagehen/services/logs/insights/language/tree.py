"""What a query says, as a tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")


class Span(NamedTuple):
    """A place in the query's text: from a character to before another."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a text, or the milliseconds of a period."""

    value: float | int | str


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time. `unit`: ms, s, m, h, d, w, mo, q or y."""

    count: int
    unit: str


@dataclass(frozen=True, slots=True)
class Field:
    """A field by its name."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the language, or an aggregation; `name` in lower case. No argument: `()` and `(*)`."""

    name: str
    arguments: Sequence[Expression]
    span: Span


@dataclass(frozen=True, slots=True)
class Operation:
    """Operands and what is done with them: `and`, `or`, `not`, `negate`, a comparison or arithmetic."""

    symbol: str
    operands: Sequence[Expression]


@dataclass(frozen=True, slots=True)
class Like:
    """Whether a text is found in a value."""

    subject: Expression
    text: str
    is_regex: bool
    span: Span


@dataclass(frozen=True, slots=True)
class In:
    """Whether a value is one of a list."""

    subject: Expression
    values: Sequence[Expression]


Expression = Literal | Period | Field | Call | Operation | Like | In


@dataclass(frozen=True, slots=True)
class Item:
    """An expression and what it is called: its alias, or its own text."""

    expression: Expression
    name: str
    has_alias: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Fields:
    """`fields`, or `display` where these and no other columns are shown."""

    items: Sequence[Item]
    only: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """`filter`."""

    condition: Expression


@dataclass(frozen=True, slots=True)
class Parse:
    """`parse`: a text with `*`, or a regular expression, and what its parts are called."""

    subject: Expression
    pattern: str
    is_regex: bool
    names: Sequence[str]
    span: Span


@dataclass(frozen=True, slots=True)
class Stats:
    """`stats ... by`."""

    items: Sequence[Item]
    by: Sequence[Item]


@dataclass(frozen=True, slots=True)
class Sort:
    """`sort`: expressions, each with whether the greatest comes first."""

    keys: Sequence[tuple[Expression, bool]]


@dataclass(frozen=True, slots=True)
class Limit:
    """`limit`; `any`: as soon as so many are found, whichever."""

    count: int
    any: bool


@dataclass(frozen=True, slots=True)
class Dedup:
    """`dedup`."""

    fields: Sequence[Field]


Command = Fields | Filter | Parse | Stats | Sort | Limit | Dedup
