"""What values can do in a template: the Java methods that API Gateway's templates call on them.

A closed list: nothing of Python's own objects can be reached.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

from sagehen.api.bounded.budget import spend
from sagehen.api.user_patterns import UserPattern
from sagehen.services.apigateway.data_plane.patterns import (
    MAX_SUBJECT,
    UnsafePattern,
    compile_pattern,
    matches_all,
)
from sagehen.services.apigateway.data_plane.velocity_parser import TemplateError

_GROUP = re.compile(r"\$(\d)")
# No value may grow beyond what a request may hold.
MAX_TEXT = 10 * 1024 * 1024
MAX_ITEMS = 100_000


@runtime_checkable
class VelocityObject(Protocol):
    """A variable with methods of its own, such as `$input`."""

    def velocity_methods(self) -> Mapping[str, Callable[..., Any]]: ...


class JavaList(list[Any]):
    """A list that a template made; prints as Java does.

    Lists out of JSON documents are plain ones: to AWS they are JSONArrays, which print as JSON
    (recorded: `$input.path('$')` of `[{"foo":"bar"}]` prints just that, a map in it `{foo=bar}`).
    """


class Entry(dict[str, Any]):
    """One entry of a map, as `entrySet()` gives it."""


def _pattern(text: str, subject: str) -> UserPattern:
    if len(subject) > MAX_SUBJECT:
        raise TemplateError("the text is too long for a regular expression")
    try:
        return compile_pattern(text)
    except UnsafePattern as error:
        raise TemplateError(f"regular expression: {error}") from None


def _replacement(text: str) -> str:
    r"""Java writes groups as `$1`, Python as `\g<1>`."""
    return _GROUP.sub(r"\\g<\1>", text.replace("\\", "\\\\"))


def _split(text: str, pattern: str, limit: int = 0) -> JavaList:
    parts = JavaList(
        text.split(pattern)
        if pattern and not set(pattern) & set(r"\.[]{}()*+-?^$|")
        else _pattern(pattern, text).split(text)
    )
    while limit == 0 and len(parts) > 1 and not parts[-1]:
        parts.pop()  # Java drops empty strings at the end
    return parts


def _replace(text: str, old: str, new: str) -> str:
    if len(text) + text.count(old) * len(new) > MAX_TEXT:
        raise TemplateError("a text grew too large")
    return text.replace(old, new)


def _substring(text: str, start: int, end: int | None = None) -> str:
    stop = len(text) if end is None else end
    if not 0 <= start <= stop <= len(text):
        raise TemplateError(f"String index out of range: {start}, {stop}")
    return text[start:stop]


_TEXT: dict[str, Callable[..., Any]] = {
    "length": len,
    "isEmpty": lambda text: not text,
    "toString": lambda text: text,
    "toUpperCase": lambda text: text.upper(),
    "toLowerCase": lambda text: text.lower(),
    "trim": lambda text: text.strip(),
    "concat": lambda text, other: text + other,
    "contains": lambda text, part: part in text,
    "startsWith": lambda text, part: text.startswith(part),
    "endsWith": lambda text, part: text.endswith(part),
    "equals": lambda text, other: text == other,
    "equalsIgnoreCase": lambda text, other: isinstance(other, str) and text.lower() == other.lower(),
    "indexOf": lambda text, part, start=0: text.find(part, start),
    "lastIndexOf": lambda text, part: text.rfind(part),
    "charAt": lambda text, index: _substring(text, index, index + 1),
    "substring": _substring,
    "replace": _replace,
    "replaceAll": lambda text, pattern, new: _pattern(pattern, text).sub(_replacement(new), text),
    "replaceFirst": lambda text, pattern, new: _pattern(pattern, text).sub(_replacement(new), text, 1),
    "matches": lambda text, pattern: matches_all(text, _pattern(pattern, text)),
    "split": _split,
}


def _add(items: list[Any], *arguments: Any) -> bool:
    if len(items) >= MAX_ITEMS:
        raise TemplateError("a list grew too large")
    if len(arguments) == 2:
        items.insert(arguments[0], arguments[1])
    else:
        items.append(arguments[0])
    return True


def _add_all(items: list[Any], others: list[Any]) -> bool:
    if len(items) + len(others) > MAX_ITEMS:
        raise TemplateError("a list grew too large")
    items.extend(others)
    return bool(others)


def _set(items: list[Any], index: int, value: Any) -> Any:
    previous = items[index]
    items[index] = value
    return previous


def _remove(items: list[Any], which: Any) -> Any:
    if isinstance(which, int):
        return items.pop(which)
    if which in items:
        items.remove(which)
        return True
    return False


_LIST: dict[str, Callable[..., Any]] = {
    "size": len,
    "isEmpty": lambda items: not items,
    "get": lambda items, index: items[index],
    "contains": lambda items, value: value in items,
    "indexOf": lambda items, value: items.index(value) if value in items else -1,
    "add": _add,
    "addAll": _add_all,
    "set": _set,
    "remove": _remove,
    "subList": lambda items, start, end: items[start:end],
}


def _put(mapping: dict[Any, Any], key: Any, value: Any) -> Any:
    if len(mapping) >= MAX_ITEMS:
        raise TemplateError("a map grew too large")
    previous = mapping.get(key)
    mapping[key] = value
    return previous


_MAP: dict[str, Callable[..., Any]] = {
    "size": len,
    "isEmpty": lambda mapping: not mapping,
    "get": lambda mapping, key: mapping.get(key),
    "getOrDefault": lambda mapping, key, value: mapping.get(key, value),
    "put": _put,
    "putAll": lambda mapping, others: mapping.update(others),
    "remove": lambda mapping, key: mapping.pop(key, None),
    "containsKey": lambda mapping, key: key in mapping,
    "containsValue": lambda mapping, value: value in mapping.values(),
    "keySet": lambda mapping: JavaList(mapping),
    "values": lambda mapping: JavaList(mapping.values()),
    "entrySet": lambda mapping: JavaList(Entry(key=key, value=value) for key, value in mapping.items()),
}
_ENTRY: dict[str, Callable[..., Any]] = {
    "getKey": lambda entry: entry["key"],
    "getValue": lambda entry: entry["value"],
}
_NUMBER: dict[str, Callable[..., Any]] = {
    "intValue": int,
    "longValue": int,
    "doubleValue": float,
    "equals": lambda number, other: number == other,
    # `#set($Integer = 0)` gives templates the static methods of the class.
    "parseInt": lambda number, text: _integer(text),
    "valueOf": lambda number, text: _integer(text),
}


def _integer(text: str) -> int:
    if len(text) > 19:
        raise TemplateError(f"For input string: {text[:40]}")
    return int(text)


def method_of(value: Any, name: str) -> Callable[..., Any] | None:
    """Return a bound method, or None where values of this kind have none of that name."""
    table: Mapping[str, Callable[..., Any]]
    if isinstance(value, Entry) and name in _ENTRY:
        table = _ENTRY
    elif isinstance(value, str):
        table = _TEXT
    elif isinstance(value, list):
        table = _LIST
    elif isinstance(value, dict):
        table = _MAP
    elif isinstance(value, int | float):
        table = _NUMBER
    elif isinstance(value, VelocityObject):
        return value.velocity_methods().get(name)
    else:
        return None
    if name == "toString" and table is not _TEXT:
        return lambda: text_of(value)
    method = table.get(name)
    if method is None:
        return None
    return lambda *arguments: method(value, *arguments)


def text_of(value: Any) -> str:
    """Return a value as Java prints it: `{a=1, b=[x, true]}`.

    Raises:
        TemplateError: It is too large (a list that holds itself is).
    """
    pieces: list[str] = []
    room = [MAX_ITEMS * 4]
    try:
        _print(value, pieces, room)
    except RecursionError:
        raise TemplateError("a value is nested too deeply") from None
    return "".join(pieces)


def _json_text(value: list[Any]) -> str:
    try:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    except ValueError:
        raise TemplateError("a list that holds itself cannot be printed") from None


def _print(value: Any, pieces: list[str], room: list[int]) -> None:
    spend()
    room[0] -= 1
    if room[0] < 0:
        raise TemplateError("a value is too large to print")
    if isinstance(value, str):
        pieces.append(value)
    elif isinstance(value, Entry):
        _print(value["key"], pieces, room)
        pieces.append("=")
        _print(value["value"], pieces, room)
    elif isinstance(value, dict):
        pieces.append("{")
        for index, (key, item) in enumerate(value.items()):
            pieces.append(f"{', ' if index else ''}{key}=")
            _print(item, pieces, room)
        pieces.append("}")
    elif isinstance(value, list) and not isinstance(value, JavaList):
        pieces.append(_json_text(value))
    elif isinstance(value, list):
        pieces.append("[")
        for index, item in enumerate(value):
            if index:
                pieces.append(", ")
            _print(item, pieces, room)
        pieces.append("]")
    elif isinstance(value, bool):
        pieces.append("true" if value else "false")
    elif value is None:
        pieces.append("null")
    elif isinstance(value, int | float):
        pieces.append(str(value))
