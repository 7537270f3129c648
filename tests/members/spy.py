"""`python -m tests.members.spy NOTES up ...`: the platform, writing down what its handlers read.

One line of JSON per request to NOTES: its id, and the paths that were read.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from sagehen.api.operation import BoundOperation, Service
from tests.members.reading import Notes, noted, plain

_dumps = orjson.dumps
_operations = Service.operations


def _spied(bound: BoundOperation, file: Path) -> BoundOperation:
    handler = bound.handler

    async def handle(context: Any, request: Any) -> Any:
        notes = Notes()
        try:
            return await handler(context, noted(dict(request), notes))
        finally:
            line = {"id": context.request_id, "read": sorted(notes.read)}
            with file.open("a") as stream:
                stream.write(json.dumps(line) + "\n")

    return replace(bound, handler=handle)


def main() -> None:
    file = Path(sys.argv.pop(1))

    def operations(service: Service) -> Iterator[BoundOperation]:
        return (_spied(bound, file) for bound in _operations(service))

    Service.operations = operations  # type: ignore[method-assign]
    # It reads dicts below Python, where nothing is noted.
    orjson.dumps = lambda value, *more, **named: _dumps(plain(value), *more, **named)  # type: ignore[assignment]
    from sagehen.cli.main import app

    app()


if __name__ == "__main__":
    main()
