"""The built application: which files there are, and how each may be sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# By `scripts/console`, or shipped in the wheel; not in the repository.
FOLDER = Path(__file__).parent / "files"
INDEX = "index.html"
# What the build puts beside a file, by the content coding (RFC 9110, 8.4.1); the better one first.
ENCODINGS = {"br": ".br", "gzip": ".gz"}
# The application has some hundred; a folder with more is no build of ours.
_MOST_FILES = 5_000
# Not from the system's table: it differs by machine, and `nosniff` makes a wrong type a page without scripts.
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".woff": "font/woff",
    ".wasm": "application/wasm",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
}


@dataclass(frozen=True, slots=True)
class Variant:
    """One form of a file's content as it lies on the disk.

    Args:
        size: In bytes.
        tag: An entity tag, in quotes.
    """

    path: Path
    size: int
    tag: str


@dataclass(frozen=True, slots=True)
class BuiltFile:
    """A file of the application.

    Args:
        type: Its media type.
        plain: As the build made it.
        encoded: What the build compressed, by content coding.
    """

    type: str
    plain: Variant
    encoded: Mapping[str, Variant]


class Build:
    """A folder of built files, looked at when it is first asked for, and again after a new build."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._mark: tuple[int, int] | None = None
        self._files: Mapping[str, BuiltFile] = {}

    @property
    def exists(self) -> bool:
        """Whether there is a build."""
        return self._look() is not None

    def files(self) -> Mapping[str, BuiltFile]:
        """Return the files by their names below the folder; none where nothing was built. Reads the disk."""
        mark = self._look()
        if mark != self._mark:
            self._files = _files_in(self._folder) if mark is not None else {}
            self._mark = mark
        return self._files

    def _look(self) -> tuple[int, int] | None:
        try:
            found = (self._folder / INDEX).stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns


def _files_in(folder: Path) -> dict[str, BuiltFile]:
    variants: dict[str, Variant] = {}
    for path in sorted(folder.rglob("*"))[:_MOST_FILES]:
        if path.is_file() and not path.is_symlink():
            found = path.stat()
            tag = f'"{found.st_size:x}-{found.st_mtime_ns:x}{path.suffix if path.suffix in _ENDS else ""}"'
            variants[path.relative_to(folder).as_posix()] = Variant(path, found.st_size, tag)
    files = {}
    for name, plain in variants.items():
        kind = _TYPES.get(Path(name).suffix)
        if kind is not None:
            encoded = {coding: variants.get(name + end) for coding, end in ENCODINGS.items()}
            known = {coding: variant for coding, variant in encoded.items() if variant is not None}
            files[name] = BuiltFile(kind, plain, known)
    return files


_ENDS = frozenset(ENCODINGS.values())
