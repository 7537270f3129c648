"""Stages that look at one row at a time: `fields`, `filter`, `parse`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sagehen.services.logs.insights.commands.stage import Stage
from sagehen.services.logs.insights.evaluation.compiling import Getter, Scope, compiled, search_of
from sagehen.services.logs.insights.evaluation.row import Row
from sagehen.services.logs.insights.evaluation.values import text, truth
from sagehen.services.logs.insights.language.tree import Parse

# A part of a text that `parse` takes: as long as an event at the most.
Parts = Sequence[str | None]


class Making:
    """`fields` and `display`: makes what has a name of its own."""

    def __init__(self, made: Sequence[tuple[str, Getter]], following: Stage) -> None:
        self._made = made
        self._following = following
        self.end = following.end

    def push(self, row: Row) -> None:
        """See `Stage.push`."""
        for name, get in self._made:
            row.made[name] = get(row)
        self._following.push(row)


class Filtering:
    """`filter`."""

    def __init__(self, condition: Getter, following: Stage) -> None:
        self._condition = condition
        self._push = following.push
        self.end = following.end

    def push(self, row: Row) -> None:
        """See `Stage.push`."""
        if truth(self._condition(row)):
            self._push(row)


class Counting:
    """Counts what the filters at a query's head let through: `recordsMatched`."""

    def __init__(self, following: Stage) -> None:
        self._push = following.push
        self.end = following.end
        self.count = 0

    def push(self, row: Row) -> None:
        """See `Stage.push`."""
        self.count += 1
        self._push(row)


class Parsing:
    """`parse`: a row in which the pattern is not found goes on without the fields."""

    def __init__(self, parse: Parse, scope: Scope, following: Stage) -> None:
        self._subject = compiled(parse.subject, scope)
        self._names = parse.names
        self._parts = _regex_parts(parse) if parse.is_regex else glob_parts(parse.pattern)
        self._following = following
        self.end = following.end

    def push(self, row: Row) -> None:
        """See `Stage.push`."""
        said = text(self._subject(row))
        parts = None if said is None else self._parts(said)
        if parts is not None:
            row.made.update(zip(self._names, parts, strict=True))
        self._following.push(row)


def _regex_parts(parse: Parse) -> Callable[[str], Parts | None]:
    regex, search = search_of(parse.pattern, parse.span)
    numbers = [regex.names[name] for name in parse.names]

    def parts(said: str) -> Parts | None:
        found = search(said)
        return None if found is None else [found[number] for number in numbers]

    return parts


def glob_parts(pattern: str) -> Callable[[str], Parts | None]:
    """Return what gives the texts that the `*` of a pattern stand for, None where it is not found.

    It may be found anywhere in a text; each `*` is as short as can be, one at the end reaches to the end.
    The search goes forward only: what follows an earlier place follows a later one too.
    """
    first, *others = pattern.split("*")

    def parts(said: str) -> Parts | None:
        start = said.find(first)
        if start < 0:
            return None
        start += len(first)
        found = []
        for position, other in enumerate(others, 1):
            if not other and position == len(others):
                end = len(said)
            else:
                end = said.find(other, start)
                if end < 0:
                    return None
            found.append(said[start:end])
            start = end + len(other)
        return found

    return parts
