"""JSON: flat objects, whose values become text as JSON spells them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sagehen.trainingtoolkit.monitoring.reading import batch
from sagehen.trainingtoolkit.monitoring.reading.batch import Batch
from sagehen.trainingtoolkit.monitoring.reading.files import opened
from sagehen.trainingtoolkit.monitoring.refusals import Refused


def batches(files: Iterable[Path], *, lines: bool) -> Iterator[Batch]:
    """Yield the records of files.

    Args:
        lines: Whether each line is an object; else a file is one, or a list of them.

    Raises:
        Refused
    """
    yield from batch.of_records(flat(given, where) for given, where in objects(files, lines=lines))


def objects(files: Iterable[Path], *, lines: bool) -> Iterator[tuple[Any, str]]:
    """Yield what files have, and where it stands.

    Raises:
        Refused
    """
    for path in files:
        with opened(path) as file:
            if lines:
                for number, line in enumerate(file, start=1):
                    if line.strip():
                        yield loaded(line, f"Line {number} of {path.name}"), f"Line {number} of {path.name}"
                continue
            whole = loaded(file.read(), path.name)
            for number, given in enumerate(whole if isinstance(whole, list) else [whole], start=1):
                yield given, f"Record {number} of {path.name}"


def flat(given: Any, where: str) -> dict[str, str | None]:
    """Return an object as a record.

    Raises:
        Refused: It is none, or has something within something. Documented: it has to be flat.
    """
    if not isinstance(given, Mapping):
        raise Refused(f"{where} is no JSON object.")
    for name, value in given.items():
        if isinstance(value, (Mapping, list, tuple)):
            raise Refused(
                f"{where} has something within '{str(name)[:100]}': records must be flat. A "
                "record_preprocessor_script can make captured ones so."
            )
    return {str(name): _text(value) for name, value in given.items()}


def loaded(text: str, where: str) -> Any:
    """Return what a text of JSON says.

    Raises:
        Refused: It is none, or too deep.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Refused(f"{where} is no JSON.") from None


def _text(value: Any) -> str | None:
    if value is None or value != value:  # NaN is nothing, too
        return None
    return value if isinstance(value, str) else json.dumps(value, default=str)
