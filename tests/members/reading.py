"""Requests that note which of their members are read, however deep."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Path = tuple[str, ...]


class Notes:
    """What was read of one request: paths of members, `[]` for the items of lists and values of maps."""

    def __init__(self) -> None:
        self.read: set[Path] = set()


def noted(value: Any, notes: Notes, path: Path = ()) -> Any:
    """Return a value that behaves as it is, and tells `notes` what is read of it."""
    if type(value) is dict:
        return NotingDict(value, notes, path)
    if type(value) is list:
        return NotingList(value, notes, path)
    return value


class NotingDict(dict[str, Any]):
    """A dict whose every way of reading is noted. Copies are plain, and all of them counts as read."""

    def __init__(self, value: dict[str, Any], notes: Notes, path: Path) -> None:
        super().__init__(value)
        self._notes, self._path = notes, path

    def _see(self, key: Any) -> None:
        self._notes.read.add((*self._path, str(key)))

    def _inner(self, key: Any) -> Any:
        self._see(key)
        return noted(super().__getitem__(key), self._notes, (*self._path, str(key)))

    def __getitem__(self, key: Any) -> Any:
        return self._inner(key)

    def __contains__(self, key: object) -> bool:
        self._see(key)
        return super().__contains__(key)

    def get(self, key: Any, default: Any = None) -> Any:
        return self._inner(key) if super().__contains__(key) else default

    def pop(self, key: Any, *default: Any) -> Any:
        if super().__contains__(key):
            self._see(key)
        return super().pop(key, *default)

    def __iter__(self) -> Iterator[str]:
        # Overridden, so that `{**request}` and `dict(request)` ask for each value.
        return iter(list(super().keys()))

    def keys(self) -> Any:
        return list(super().keys())

    def values(self) -> Any:
        return [self._inner(key) for key in super().__iter__()]

    def items(self) -> Any:
        return [(key, self._inner(key)) for key in super().__iter__()]

    def __eq__(self, other: object) -> bool:
        self.plain()
        return super().__eq__(other)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return dict, (self.plain(),)

    def __deepcopy__(self, memo: Any) -> dict[str, Any]:
        return self.plain()

    def copy(self) -> dict[str, Any]:
        return self.plain()

    def plain(self) -> dict[str, Any]:
        """Return a plain copy; everything in it has been read."""
        return {key: plain(self._inner(key)) for key in super().__iter__()}

    __hash__ = None  # type: ignore[assignment]


class NotingList(list[Any]):
    """A list whose items note what is read of them."""

    def __init__(self, value: list[Any], notes: Notes, path: Path) -> None:
        super().__init__(noted(item, notes, (*path, "[]")) for item in value)


def plain(value: Any) -> Any:
    """Return a value without notes, all of it read."""
    if isinstance(value, NotingDict):
        return value.plain()
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value
