"""Root file systems of a few of this host's programs, with the libraries that they need."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path


def files_of(programs: Iterable[str]) -> dict[str, bytes]:
    """Return the files of programs and of their libraries, by their names without the leading slash."""
    found: dict[str, bytes] = {}
    for name in programs:
        at = shutil.which(name, path="/usr/bin:/bin")
        assert at is not None, name
        found[f"bin/{name}"] = Path(at).resolve().read_bytes()
        found |= _libraries([at])
    return found


def python_files(*modules: str) -> dict[str, bytes]:
    """Return this Python as /bin/python3, with what it takes to import some modules of its library."""
    listing = (
        "import sys, encodings.utf_8, encodings.ascii, encodings.latin_1, encodings.idna\n"
        f"import {', '.join(modules)}\n"
        "for one in list(sys.modules.values()):\n"
        "    if getattr(one, '__file__', None): print(one.__file__)\n"
    )
    program = Path(sys.executable).resolve()
    run = subprocess.run([program, "-I", "-S", "-c", listing], capture_output=True, text=True, check=True)
    files = run.stdout.split()
    found = {name[1:]: Path(name).read_bytes() for name in files}
    found["bin/python3"] = program.read_bytes()
    return found | _libraries([program, *(name for name in files if name.endswith(".so"))])


def _libraries(programs: Iterable[str | Path]) -> dict[str, bytes]:
    listed = subprocess.run(["ldd", *programs], capture_output=True, text=True).stdout
    names = {name for name in re.findall(r"(/\S+)", listed) if not name.endswith(":")}
    return {name[1:]: Path(name).resolve().read_bytes() for name in names}


def make_root(folder: Path, *programs: str) -> Path:
    """Write them into a folder; return it."""
    for name, content in files_of(programs).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o755)
    return folder
