"""Optional modules that take long to import and that nobody here needs, hidden while others are imported."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

# jsonschema imports it, where it is installed, to check the format `iri`; while it is imported it compiles a
# grammar of that (measured: 1.4 of the 2.4 s of processor time that importing JupyterLab took).
IRI_GRAMMAR = "rfc3987_syntax"


@contextmanager
def hidden(names: Iterable[str]) -> Iterator[None]:
    """Let imports of these modules fail, as if they were not installed, until the end of the block.

    What was imported before stays as it is. Other threads that import them meanwhile fail as well.
    """
    names = [name for name in names if name not in sys.modules]
    for name in names:
        sys.modules[name] = None  # type: ignore[assignment]  # documented: the import system's module cache
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]
