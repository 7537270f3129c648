"""Events of groups as rows, in bounded pages."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence

from sagehen.domain.scope import Scope
from sagehen.services.logs.embedded_metrics.document import is_lambda_stream
from sagehen.services.logs.events.event import Position
from sagehen.services.logs.events.merge import merged
from sagehen.services.logs.events.records import EventRecords
from sagehen.services.logs.groups.records import Group
from sagehen.services.logs.insights.evaluation.row import Row, Source
from sagehen.services.logs.streams.records import Span, StreamRecords

# Names of streams are looked up so many at a time.
_NAMED_AT_ONCE = 500


class Scanner:
    """Reads what is stored. Blocking: for a thread."""

    def __init__(self, streams: StreamRecords, events: EventRecords) -> None:
        self._streams = streams
        self._events = events

    def rows(
        self, scope: Scope, groups: Sequence[Group], start_ms: int, end_ms: int, *, in_order: bool
    ) -> Iterator[Row]:
        """Yield the events of some groups in a range of time.

        Args:
            start_ms, end_ms: Both inclusive.
            in_order: Newest first, all groups in one order; else stream by stream.
        """
        if in_order:
            yield from self._in_order(scope, groups, start_ms, end_ms)
            return
        for group in groups:
            spans = self._spans(group, start_ms, end_ms)
            for first in range(0, len(spans), _NAMED_AT_ONCE):
                part = spans[first : first + _NAMED_AT_ONCE]
                for source in self._sources(scope, group, part).values():
                    for row in self._events.each(source.stream_id, start_ms, end_ms + 1):
                        yield Row(source, row["at_ms"], row["sequence"], row["message"])

    def source(self, scope: Scope, group: Group, stream_id: int) -> Source | None:
        """Return a stream of a group; None where it is gone."""
        return self._sources(scope, group, [Span(stream_id, 0)]).get(stream_id)

    def _in_order(self, scope: Scope, groups: Sequence[Group], start_ms: int, end_ms: int) -> Iterator[Row]:
        sources: dict[int, Source] = {}
        spans: list[list[Span]] = []
        for group in groups:
            of_group = self._spans(group, start_ms, end_ms)
            spans.append(of_group)
            for first in range(0, len(of_group), _NAMED_AT_ONCE):
                sources |= self._sources(scope, group, of_group[first : first + _NAMED_AT_ONCE])
        in_order = heapq.merge(*spans, key=lambda span: -span.edge_ms)
        events = merged(self._events, iter(in_order), Position(end_ms + 1, -1), start_ms, descending=True)
        for event in events:
            source = sources.get(event.stream_id)
            if source is not None:  # else it was deleted meanwhile
                yield Row(source, event.position.at_ms, event.position.sequence, event.message)

    def _spans(self, group: Group, start_ms: int, end_ms: int) -> list[Span]:
        spans = self._streams.spans(
            group.id, prefix="", names=None, first_ms=start_ms, last_ms=end_ms, descending=True
        )
        return list(spans)

    def _sources(self, scope: Scope, group: Group, spans: Sequence[Span]) -> dict[int, Source]:
        names = self._streams.stream_names([span.stream_id for span in spans])
        log = f"{scope.account_id}:{group.name}"
        discovers = group.group_class == "STANDARD"  # documented: CloudWatch Logs, Log classes
        return {
            stream_id: Source(stream_id, name, log, is_lambda_stream(group.name, name), discovers)
            for stream_id, name in names.items()
        }
