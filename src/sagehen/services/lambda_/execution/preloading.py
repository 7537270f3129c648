"""Whether a function may be forked from the warm parent: only where that cannot be told from a real start."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

# The packages that AWS's Python runtimes bring along, by import name: what functions see, and what
# the warm parent has imported.
RUNTIME_PACKAGES = (
    "awscrt",
    "_awscrt",
    "awslambdaric",
    "boto3",
    "botocore",
    "dateutil",
    "jmespath",
    "runtime_client",
    "s3transfer",
    "simplejson",
    "six",
    "snapshot_restore_py",
    "urllib3",
)
# Packages larger than this are started plainly rather than searched.
_MOST_ENTRIES = 50_000


def may_fork(code: Path, layers: Iterable[Path]) -> bool:
    """Tell whether neither the package nor a layer could have changed what is preloaded. Blocking.

    It could by a copy of a preloaded package anywhere (`sys.path` may be pointed at it), by a module
    at the root that is named like one of the standard library, and by shared libraries that the
    dynamic loader, which is running already, would have found.
    """
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    layers = tuple(layers)
    roots = [code]
    for layer in layers:
        roots += [layer / "python", layer / "python" / "lib" / version / "site-packages"]
    libraries = [code, code / "lib", *(layer / "lib" for layer in layers)]
    return not (
        any(_shadows(root, sys.stdlib_module_names) for root in roots)
        or any(_has_libraries(folder) for folder in libraries)
        or any(_carries(root) for root in (code, *layers))
    )


def _shadows(root: Path, names: Iterable[str]) -> bool:
    return not {entry.partition(".")[0] for entry in _entries(root)}.isdisjoint(names)


def _has_libraries(folder: Path) -> bool:
    # Extension modules carry a tag (`x.cpython-311-….so`) or no `lib` prefix; the loader looks for lib*.so.
    return any(entry.startswith("lib") and ".so" in entry for entry in _entries(folder))


def _carries(root: Path) -> bool:
    names = frozenset(RUNTIME_PACKAGES)
    seen = 0
    for _, folders, files in os.walk(root):
        seen += len(folders) + len(files)
        if seen > _MOST_ENTRIES or not names.isdisjoint(folders):
            return True
        if not names.isdisjoint(
            file.partition(".")[0] for file in files if file.endswith((".py", ".so", ".zip"))
        ):
            return True
    return False


def _entries(folder: Path) -> list[str]:
    try:
        return [entry.name for entry in folder.iterdir()]
    except OSError:
        return []
