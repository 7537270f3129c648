"""The files of a data set, as text."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from sagehen.trainingtoolkit.monitoring.refusals import Refused


def files_of(source: Path) -> list[Path]:
    """Return a data set's files in the order of their names; hidden ones are none of it, as Spark has it.

    Raises:
        Refused: There are none.
    """
    if source.is_file():
        return [source]
    below = ((path, path.relative_to(source).parts) for path in source.rglob("*") if path.is_file())
    found = sorted(path for path, parts in below if not any(part.startswith((".", "_")) for part in parts))
    if not found:
        raise Refused(f"There is no data in {source}.")
    return found


@contextmanager
def opened(path: Path) -> Iterator[TextIO]:
    """Open a file of UTF-8, which may be packed by gzip.

    Raises:
        Refused: It is something else.
    """
    try:
        if path.suffix == ".gz":
            with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
                yield file
        else:
            with path.open(encoding="utf-8-sig", newline="") as file:
                yield file
    except UnicodeDecodeError:
        raise Refused(f"{path.name} is not UTF-8.") from None
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise Refused(f"{path.name} is not packed by gzip, or not to its end.") from None
