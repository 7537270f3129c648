"""What a function lacks and what to do about it: a line of ours behind an error that is AWS's."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterator
from pathlib import Path

from sagehen.executors.environments import catalogue
from sagehen.services.lambda_.execution.contract import FunctionVersion
from sagehen.services.lambda_.payloads import small_document

_SIGN = b"No module named"
# A user's text: importlib's words, behind awslambdaric's or not.
_MISSING = re.compile(r"No module named '(\w[\w.]{0,199})'", re.ASCII)
_MOST_NAMED = 5


def missing_module(document: bytes) -> str | None:
    """Return the module that an error document says there is none of, or None."""
    if _SIGN not in document:
        return None
    message = small_document(document).get("errorMessage")
    found = _MISSING.search(message[:4096]) if isinstance(message, str) else None
    return found[1] if found else None


def cure(module: str, function: FunctionVersion) -> str | None:
    """Return what to do where a Python function finds no `module`; None where nobody can tell. Blocks."""
    if not function.runtime.startswith("python"):
        return None
    top = module.partition(".")[0]
    handler = re.split(r"[./]", function.handler, maxsplit=1)[0]
    if top == handler and not _is_in(function.code_folder, top):
        return (
            f"Handler is {function.handler}, and the package has no {top}.py at its root{_has(function)}: "
            "zip what is in the folder, not the folder itself"
        )
    command = (
        f"pip install --target FOLDER --python-version {function.runtime.removeprefix('python')} "
        f"--platform manylinux2014_{platform.machine()} --only-binary :all: "
        f"{catalogue.package_of(top)}"
    )
    if any(_is_in(folder, top) for folder in _roots(function)):
        return (
            f"the package or a layer has {top}, but not all of it, or for another Python or machine: "
            f"`{command}` gets it as {function.runtime} wants it"
        )
    return (
        f"{function.runtime} has boto3, botocore and Python's own library, here and on AWS; {top} has to be "
        f"in the package, or in a layer's folder python: `{command}`, and zip that beside the handler"
    )


def _roots(function: FunctionVersion) -> Iterator[Path]:
    yield function.code_folder
    for layer in function.layer_folders:
        yield layer / "python"
        yield layer / "python" / "lib" / function.runtime / "site-packages"


def _is_in(folder: Path, module: str) -> bool:
    return (folder / f"{module}.py").exists() or (folder / module).is_dir()


def _has(function: FunctionVersion) -> str:
    """Return ` (it has: app, README.md)`."""
    try:
        names = sorted(entry.name for entry in os.scandir(function.code_folder))
    except OSError:
        return ""
    shown = ["".join(c if c.isprintable() else "?" for c in name[:60]) for name in names[:_MOST_NAMED]]
    more = len(names) - len(shown)
    return f" (it has: {', '.join(shown)}{f' and {more} more' if more else ''})"
