"""A query as it runs: its commands as stages, and what comes out at their end."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sagehen.services.logs.insights.commands.grouping import Grouping
from sagehen.services.logs.insights.commands.order import Deduplicating, Limiting, Sorting
from sagehen.services.logs.insights.commands.rows import Counting, Filtering, Making, Parsing
from sagehen.services.logs.insights.commands.stage import Memory, Stage
from sagehen.services.logs.insights.evaluation.compiling import Getter, Scope, compiled, field_getter
from sagehen.services.logs.insights.evaluation.row import Row
from sagehen.services.logs.insights.evaluation.values import text
from sagehen.services.logs.insights.language.query import MOST_ROWS, parse_query
from sagehen.services.logs.insights.language.tree import (
    Command,
    Dedup,
    Field,
    Fields,
    Filter,
    Item,
    Limit,
    Parse,
    Sort,
    Stats,
)

# Documented (API_StartQuery): what a query without limit gives.
DEFAULT_LIMIT = 10_000
_DEFAULT_COLUMNS = ("@timestamp", "@message")
ResultRow = list[tuple[str, str]]
# Makes a stage of the one that comes after it.
_Link = Callable[[Stage], Stage]


class Results:
    """The last stage: rows as they are shown. Fields that a row lacks are left out of it."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._columns: Sequence[tuple[str, Getter]] = ()
        self.rows: list[ResultRow] = []

    def show(self, columns: Sequence[tuple[str, Getter]]) -> None:
        """Say which columns there are."""
        self._columns = columns

    def push(self, row: Row) -> None:
        """See `Stage.push`.

        Raises:
            TooMuchHeld
        """
        shown = [(name, said) for name, get in self._columns if (said := text(get(row))) is not None]
        self._memory.hold(200 + sum(len(said) + 100 for _, said in shown))
        self.rows.append(shown)

    def end(self) -> None:
        """See `Stage.end`."""


class Pipeline:
    """A query, compiled.

    Args:
        query: Its text.
        limit: How many rows it gives where it does not say itself.
        most_bytes: What it may hold of memory.

    Attributes:
        in_order: Events have to come newest first.
        results: What comes out.

    Raises:
        MalformedQueryException, NotImplementedOperation: See `parse_query`.
    """

    def __init__(self, query: str, limit: int = DEFAULT_LIMIT, most_bytes: int = 128 * 1024 * 1024) -> None:
        commands = list(parse_query(query))
        says = any(isinstance(command, Limit) for command in commands)
        commands.append(Limit(MOST_ROWS if says else limit, any=False))
        self._memory = Memory(most_bytes)
        self._scope = Scope()
        self._columns: list[str] = []
        self._only: Sequence[str] = ()
        self._chosen = False
        links = [self._link(command, commands[number + 1 :]) for number, command in enumerate(commands)]
        head = next(
            (n for n, command in enumerate(commands) if not isinstance(command, Fields | Filter | Parse)),
            len(commands),
        )
        self.in_order = not isinstance(commands[head], Stats | Sort)
        self.results = Results(self._memory)
        self.results.show(self._shown())
        stage: Stage = self.results
        for link in reversed(links[head:]):
            stage = link(stage)
        self._matched = Counting(stage)
        stage = self._matched
        for link in reversed(links[:head]):
            stage = link(stage)
        self.push = stage.push
        self.end = stage.end

    @property
    def matched(self) -> int:
        """How many events the filters at the query's head let through."""
        return self._matched.count

    def _shown(self) -> list[tuple[str, Getter]]:
        names = list(self._only or self._columns)
        if not self._scope.grouped and not self._only and not self._chosen:
            names = [*_DEFAULT_COLUMNS, *names]
        columns = [(name, field_getter(name, self._scope)) for name in dict.fromkeys(names)]
        if not self._scope.grouped:  # AWS adds it to every event's row (documented with GetQueryResults)
            columns.append(("@ptr", field_getter("@ptr", self._scope)))
        return columns

    def _link(self, command: Command, following: Sequence[Command]) -> _Link:
        match command:
            case Fields():
                return self._fields(command)
            case Filter(condition):
                test = compiled(condition, self._scope)
                return lambda stage: Filtering(test, stage)
            case Parse():
                return self._parse(command)
            case Stats():
                return self._stats(command)
            case Sort(keys):
                getters = [(compiled(key, self._scope), descending) for key, descending in keys]
                most = _most_after_sort(following)
                return lambda stage: Sorting(getters, most, self._memory, stage)
            case Dedup(fields):
                values = [compiled(one, self._scope) for one in fields]
                return lambda stage: Deduplicating(values, self._memory, stage)
            case Limit(count, any_of_them):
                return lambda stage: Limiting(count, stops=any_of_them, following=stage)

    def _fields(self, command: Fields) -> _Link:
        made: list[tuple[str, Getter]] = []
        names = []
        for item in command.items:
            names.append(item.name)
            if isinstance(item.expression, Field) and not item.has_alias:
                if not command.only and item.name in self._scope.made and not self._scope.grouped:
                    self._scope.define(item.name, item.span)  # refuses it, as AWS does (recorded)
                continue
            made.append((item.name, compiled(item.expression, self._scope)))
            self._define(item)
        if command.only:
            self._only = names
        else:
            self._columns += names
            self._chosen = True
        return lambda stage: Making(made, stage) if made else stage

    def _define(self, item: Item) -> None:
        if item.has_alias:
            self._scope.define(item.name, item.span)
        elif not isinstance(item.expression, Field):
            self._scope.made.add(item.name)

    def _parse(self, command: Parse) -> _Link:
        scope = Scope(set(self._scope.made), self._scope.grouped)
        for name in command.names:
            self._scope.define(name, command.span)
        self._columns += command.names
        return lambda stage: Parsing(command, scope, stage)

    def _stats(self, command: Stats) -> _Link:
        grouping = Grouping(command, self._scope, self._memory)
        self._columns = list(grouping.names)
        self._only = ()
        self._scope = Scope({*self._scope.made, *grouping.names}, grouped=True)
        return grouping.before


def _most_after_sort(following: Sequence[Command]) -> int | None:
    """Return how many of the first rows in order can matter: up to a limit that comes next."""
    for command in following:
        if isinstance(command, Limit):
            return command.count
        if not isinstance(command, Fields):
            return None
    return None
