"""A query over a few messages, without a service."""

from __future__ import annotations

from sagehen.services.logs.insights.commands.pipeline import Pipeline
from sagehen.services.logs.insights.evaluation.row import Row, Source
from sagehen.services.logs.insights.queries.query import Status
from sagehen.services.logs.insights.queries.running import Run

# 2026-01-01T00:00:00Z, the time of the first message; the others follow minute by minute.
START_MS = 1_767_225_600_000
SOURCE = Source(1, "s", "111122223333:/app")
OF_LAMBDA = Source(1, "s", "111122223333:/aws/lambda/f", of_lambda=True)


def run(query: str, *messages: str, source: Source = SOURCE) -> list[dict[str, str]]:
    """Return the rows that come out, newest first as from the database, without their pointers."""
    pipeline = Pipeline(query)
    rows = [
        Row(source, START_MS + number * 60_000, (START_MS << 20) + number, message)
        for number, message in enumerate(messages)
    ]
    outcome = Run(pipeline, 1).finish(reversed(rows))
    assert outcome.status is Status.COMPLETE
    shown = [dict(row) for row in pipeline.results.rows]
    for row in shown:
        row.pop("@ptr", None)
    return shown
