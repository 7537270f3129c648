"""What a Python source imports, by its syntax alone. Run as `python -I -S reading.py`: it reads foreign text.

The parser holds the interpreter for as long as it works, and deep nesting may end the process that it runs
in: so this is a process of its own, with limits, and imports nothing but the standard library. A question
comes as JSON on standard input, `{"folder": ..., "entry": ..., "requirements": ...}`, the answer goes to
standard output.
"""

from __future__ import annotations

import ast
import errno
import json
import os
import re
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# A source is a person's own work; beyond these it is a library's, and what it imports is not looked at.
_MOST_FILES = 300
# Where modules are looked for; at most of these places there is nothing.
_MOST_PLACES = 6000
_MOST_BYTES_OF_FILE = 1 << 20
_MOST_BYTES = 8 << 20
_MOST_NAMES = 500
_MOST_REQUIREMENTS = 1000
_MOST_INCLUDES = 20
# A file's name has 255 bytes at most, its suffix included; of where a module is imported, logs show less.
_LONGEST_NAME, _LONGEST_PLACE = 250, 200
_REQUIREMENT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_INSTALLS = re.compile(r"\b(?:pip3?|uv|conda|easy_install)\b.*\binstall\b", re.DOTALL)
# What changes where modules come from, so that nobody can tell before the start.
_PATH_NAMES = frozenset({"path", "modules", "meta_path", "path_hooks"})
_MEMORY_BYTES, _CPU_S = 1 << 30, 3
_Module = tuple[Path, bool]


class _Unread(Exception):
    """There is a file, and it is not read: too large, or a link."""


def read(folder: Path, entry: str, requirements: str | None = "requirements.txt") -> dict[str, Any]:
    """Follow the imports of a script through the modules beside it.

    Args:
        folder: The source; imports are looked for there and beside the script.
        entry: The script, relative to `folder`. One that is not in there is not read.
        requirements: The file in `folder` whose packages are installed before the start; None: none are.

    Returns:
        `certain`: top-level module -> where it is imported in any case; `perhaps`: the same of imports that a
        condition, a `try` or a function stands before; `installs`: the source calls an installer;
        `moves_path`: it changes where modules come from; `requirements`: names in that file; `opaque`:
        something else is installed from there, of which no name is known, or not all of it was read.
    """
    return _Reading(folder.resolve(), entry, requirements).result()


class _Reading:
    def __init__(self, folder: Path, entry: str, requirements: str | None) -> None:
        self._folder = folder
        self._requirements = requirements
        script = Path(os.path.normpath(folder / entry))
        self._roots = list(dict.fromkeys((script.parent, folder)))
        self._certain: dict[str, str] = {}
        self._perhaps: dict[str, str] = {}
        self._installs = self._moves_path = False
        # What was left out may install or move anything.
        self._is_cut = False
        self._waiting: list[_Module] = [(script, True)] if script.is_relative_to(folder) else []
        self._seen: dict[Path, bool] = {}
        self._files = self._bytes = 0

    def result(self) -> dict[str, Any]:
        while self._waiting:
            if self._files >= _MOST_FILES or len(self._seen) >= _MOST_PLACES:
                self._is_cut = True
                break
            path, certain = self._waiting.pop()
            if self._seen.get(path, False) or (path in self._seen and not certain):
                continue
            self._seen[path] = certain
            tree = self._parse(path)
            if tree is not None:
                self._look_through(path, tree, certain)
        names, opaque = _requirements(self._folder, self._requirements)
        return {
            "certain": self._certain,
            "perhaps": {name: at for name, at in self._perhaps.items() if name not in self._certain},
            "installs": self._installs,
            "moves_path": self._moves_path,
            "requirements": names,
            "opaque": opaque or self._is_cut or (self._folder / "setup.py").exists(),
        }

    def _parse(self, path: Path) -> ast.Module | None:
        try:
            source = _text_of(path, min(_MOST_BYTES_OF_FILE, _MOST_BYTES - self._bytes), self._folder)
            if source is None:
                return None
            self._files += 1
            self._bytes += len(source)
            return ast.parse(source)
        except (_Unread, RecursionError, MemoryError):
            self._is_cut = True
        except (SyntaxError, ValueError):
            pass  # the job says so itself, in its own words
        return None

    def _look_through(self, path: Path, tree: ast.Module, certain: bool) -> None:
        self._look_for_tricks(tree)
        for node, unconditional in _imports(tree):
            sure = certain and unconditional
            where = f"{path.relative_to(self._folder)} line {node.lineno}"[-_LONGEST_PLACE:]
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self._import(alias.name, sure, where)
            elif node.level:
                base = path.parent
                for _ in range(min(node.level - 1, 50)):
                    base = base.parent
                parts = (node.module or "").split(".") if node.module else []
                if base.is_relative_to(self._folder):
                    self._follow(base, parts, [alias.name for alias in node.names], sure)
            elif node.module:
                self._import(node.module, sure, where, [alias.name for alias in node.names])

    def _import(self, name: str, certain: bool, where: str, members: list[str] | None = None) -> None:
        top, *rest = name.split(".")
        if len(top.encode()) > _LONGEST_NAME:
            return
        for root in self._roots:
            if _is_local(root, top):
                self._follow(root, [top, *rest], members or [], certain)
                return
        if top in sys.builtin_module_names:
            return
        found = self._certain if certain else self._perhaps
        if len(found) < _MOST_NAMES:
            found.setdefault(top, where)

    def _follow(self, root: Path, parts: list[str], members: list[str], certain: bool) -> None:
        """Queue the files of a module beside the script, and of members that are modules themselves."""
        place = root
        if not parts:
            self._waiting.append((place / "__init__.py", certain))
        for part in parts:
            self._waiting += [(place / f"{part}.py", certain), (place / part / "__init__.py", certain)]
            place = place / part
        for member in filter(str.isidentifier, members):
            inner = place / member
            self._waiting += [(place / f"{member}.py", certain), (inner / "__init__.py", certain)]
        if len(self._waiting) > _MOST_PLACES:
            self._is_cut = True
            del self._waiting[_MOST_PLACES:]

    def _look_for_tricks(self, tree: ast.Module) -> None:
        words = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                if isinstance(node.value, ast.Name) and node.value.id == "sys" and node.attr in _PATH_NAMES:
                    self._moves_path = True
                self._moves_path |= node.attr == "addsitedir"
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                words.add(node.value)
                self._installs |= len(node.value) < 10_000 and bool(_INSTALLS.search(node.value))
            elif isinstance(node, ast.Import):  # by another name, what is done to it is not followed
                self._moves_path |= any(alias.name == "sys" and alias.asname for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module == "sys":
                self._moves_path |= any(alias.name in (*_PATH_NAMES, "*") for alias in node.names)
        self._installs |= "install" in words and not words.isdisjoint(("pip", "pip3", "uv", "conda"))


def _imports(tree: ast.Module) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    """Yield every import, and whether nothing but the module's own text stands before it."""
    stack: list[tuple[list[ast.stmt], bool]] = [(tree.body, True)]
    while stack:
        body, sure = stack.pop()
        for node in body:
            match node:
                case ast.Import() | ast.ImportFrom():
                    yield node, sure
                case ast.ClassDef():
                    stack.append((node.body, sure))
                case ast.If() if _is_type_checking(node.test):
                    stack.append((node.orelse, False))
                case ast.Try():
                    bodies = [node.body, node.orelse, *(handler.body for handler in node.handlers)]
                    stack += [(inner, False) for inner in bodies]
                    stack.append((node.finalbody, sure))
                case ast.Match():
                    stack += [(case.body, False) for case in node.cases]
                case _:
                    inner = (getattr(node, name, None) for name in ("body", "orelse", "finalbody"))
                    stack += [(part, False) for part in inner if isinstance(part, list)]


def _is_type_checking(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else test.id if isinstance(test, ast.Name) else ""
    return name == "TYPE_CHECKING"


def _is_local(root: Path, top: str) -> bool:
    if (root / f"{top}.py").exists() or (root / top).is_dir():
        return True
    return any(root.glob(f"{top}.*so")) or (root / f"{top}.pyc").exists()


def _text_of(path: Path, most: int, folder: Path) -> bytes | None:
    """Return a regular file's content; None where there is none.

    Raises:
        _Unread: It is larger, or a link, or a link leads to it out of `folder`.
    """
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno == errno.ELOOP:
            raise _Unread from None
        return None
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        return None
    with os.fdopen(file, "rb") as opened:
        if not Path(os.path.realpath(path)).is_relative_to(folder):
            raise _Unread
        content = opened.read(most + 1)
    if len(content) > most:
        raise _Unread
    return content


def _requirements(folder: Path, file: str | None) -> tuple[list[str], bool]:
    """Return the names that a file of requirements has, and whether it asks for something without a name."""
    names: list[str] = []
    opaque = False
    named = None if file is None else Path(os.path.normpath(folder / file))
    waiting = [named] if named is not None and named.is_relative_to(folder) else []
    seen: set[Path] = set()
    while waiting and len(seen) < _MOST_INCLUDES:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        try:
            content = _text_of(path, _MOST_BYTES_OF_FILE, folder)
        except _Unread:
            opaque = True
            continue
        if content is None:
            continue
        lines = content.decode("utf-8", "replace").splitlines()
        opaque |= len(lines) > _MOST_REQUIREMENTS
        for line in lines[:_MOST_REQUIREMENTS]:
            text = line.split(" #")[0].strip()
            if not text or text.startswith("#"):
                continue
            if match := re.match(r"(?:-r|--requirement)[ =]?\s*(\S+)", text):
                included = Path(os.path.normpath(path.parent / match[1]))
                if included.is_relative_to(folder):
                    waiting.append(included)
                opaque = True
            elif text.startswith("-"):
                opaque |= text.startswith(("-e", "--editable"))
            elif (match := _REQUIREMENT.match(text)) and not re.match(r"[^\s\[;=<>!~@]*[/:]", text):
                names.append(re.sub(r"[-_.]+", "-", match[0][:_LONGEST_NAME]).lower())
            else:
                opaque = True
    return names[:_MOST_REQUIREMENTS], opaque


def main() -> None:
    """Answer one question."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    question = json.loads(sys.stdin.buffer.read())
    sys.stdout.write(json.dumps(read(Path(question["folder"]), question["entry"], question["requirements"])))


if __name__ == "__main__":
    main()
