"""`stats ... by`: rows become groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sagehen.services.logs.insights.commands.aggregates import (
    OF_FIELD,
    PERCENTILES,
    Accumulator,
    Count,
    Percentile,
)
from sagehen.services.logs.insights.commands.stage import Memory, Stage, sorted_gently
from sagehen.services.logs.insights.evaluation.compiling import Getter, Scope, compiled
from sagehen.services.logs.insights.evaluation.ordering import sort_key
from sagehen.services.logs.insights.evaluation.row import Row
from sagehen.services.logs.insights.evaluation.values import Value
from sagehen.services.logs.insights.language.malformed import malformed
from sagehen.services.logs.insights.language.tree import (
    Call,
    Expression,
    Field,
    Item,
    Literal,
    Operation,
    Stats,
)

# What a group holds beside its key, and for each of its aggregations.
_GROUP_BYTES, _AGGREGATION_BYTES = 300, 160
_Make = Callable[[], Accumulator]


class Grouping:
    """`stats`. Groups are handed on in the order of their keys.

    Args:
        scope: The names before it; afterwards there are its own.
    """

    def __init__(self, stats: Stats, scope: Scope, memory: Memory) -> None:
        self._memory = memory
        self._makers: list[_Make] = []
        self._by = [(item.name, compiled(item.expression, scope)) for item in stats.by]
        self._items: list[tuple[str, Getter]] = []
        after = Scope(set(scope.made), grouped=True)
        after.results = lambda call: self._result(call, scope)
        known: set[str] = set()
        for place, item in enumerate((*stats.by, *stats.items)):
            if place >= len(stats.by):
                self._items.append((item.name, compiled(item.expression, after)))
                _check_aggregates(item, known)
            if item.has_alias:
                after.define(item.name, item.span)
            after.made.add(item.name)
            known.add(item.name)
        # Ephemeral fields of before are gone, and their names are not free again (as recorded for aliases).
        self._names = [name for name, _ in (*self._by, *self._items)]
        self._groups: dict[tuple[Any, ...], list[Accumulator]] = {}
        self._following: Stage | None = None

    @property
    def names(self) -> Sequence[str]:
        """The columns: what is grouped by, and then what is worked out."""
        return tuple(dict.fromkeys(self._names))

    def before(self, following: Stage) -> Stage:
        """Say where groups go."""
        self._following = following
        return self

    def push(self, row: Row) -> None:
        """See `Stage.push`.

        Raises:
            TooMuchHeld
        """
        key = tuple([get(row) for _, get in self._by])
        group = self._groups.get(key)
        if group is None:
            size = sum(len(value) for value in key if isinstance(value, str))
            self._memory.hold(_GROUP_BYTES + size + _AGGREGATION_BYTES * len(self._makers))
            group = self._groups[key] = [make() for make in self._makers]
        for accumulator in group:
            accumulator.add(row)

    def end(self) -> None:
        """See `Stage.end`. Without `by` there is a group even of no rows at all (from memory)."""
        assert self._following is not None
        if not self._by and not self._groups:
            self._groups[()] = [make() for make in self._makers]
        groups, self._groups = self._groups, {}
        for key, group in sorted_gently(
            groups.items(), key=lambda one: [sort_key(value) for value in one[0]]
        ):
            row = Row(None, 0, 0, "")
            row.made.update(zip((name for name, _ in self._by), key, strict=True))
            for number, accumulator in enumerate(group):
                row.made[_slot(number)] = accumulator.result()
            for name, get in self._items:
                row.made[name] = get(row)
            self._following.push(row)
        self._following.end()

    def _result(self, call: Call, scope: Scope) -> Getter | None:
        make = _maker(call, scope, self._memory)
        if make is None:
            return None
        slot = _slot(len(self._makers))
        self._makers.append(make)

        def result(row: Row) -> Value:
            return row.made.get(slot)

        return result


def _slot(number: int) -> str:
    """The name under which a group keeps a result; no field can be called so."""
    return f" {number}"


def _maker(call: Call, scope: Scope, memory: Memory) -> _Make | None:
    """Return what makes an aggregation's accumulator; None where the call is none.

    Raises:
        MalformedQueryException: It has other arguments.
    """
    if call.name == "count":
        if len(call.arguments) > 1:
            raise malformed("count takes one argument", *call.span)
        get = compiled(call.arguments[0], scope) if call.arguments else None
        return lambda: Count(get)
    if call.name in PERCENTILES:
        return _percentile(call, scope, memory)
    maker = OF_FIELD.get(call.name)
    if maker is None:
        return None
    if len(call.arguments) != 1:
        raise malformed(f"{call.name} takes one argument", *call.span)
    of = compiled(call.arguments[0], scope)
    return lambda: maker(of, memory)


def _percentile(call: Call, scope: Scope, memory: Memory) -> _Make:
    percent = call.arguments[1] if len(call.arguments) == 2 else None
    if not isinstance(percent, Literal) or isinstance(percent.value, str) or not 0 <= percent.value <= 100:
        raise malformed(f"{call.name} takes a field and a number from 0 to 100", *call.span)
    of, wanted = compiled(call.arguments[0], scope), float(percent.value)
    return lambda: Percentile(of, wanted, memory)


def _check_aggregates(item: Item, known: set[str]) -> None:
    """Check that an item is worked out of groups: fields are aggregated, or were worked out before.

    Raises:
        MalformedQueryException
    """
    for field in _bare_fields(item.expression):
        if field.name not in known:
            raise malformed(f"{field.name} is in no aggregation", *field.span)


def _bare_fields(expression: Expression) -> Iterator[Field]:
    match expression:
        case Field():
            yield expression
        case Operation():
            for operand in expression.operands:
                yield from _bare_fields(operand)
        case Call() if expression.name not in (*OF_FIELD, *PERCENTILES, "count"):
            for argument in expression.arguments:
                yield from _bare_fields(argument)
        case _:
            return
