"""What values can do in a template: the Java methods that API Gateway's templates call on them.

A closed list: nothing of Python's own objects can be reached.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from sagehen.api.user_patterns import InvalidPattern, PatternTooSlow, UserPattern
from sagehen.services.apigateway.data_plane.mapping.json_values import MAX_TEXT, same
from sagehen.services.apigateway.data_plane.velocity.parser import TemplateError
from sagehen.services.apigateway.data_plane.velocity.values import Entry, JavaList, VelocityObject, text_of
from sagehen.services.apigateway.patterns import MAX_SUBJECT, UnsafePattern, compile_pattern, matches_all

_GROUP = re.compile(r"\$(\d)")
# Ours: lists and maps that templates make.
MAX_ITEMS = 100_000


def _pattern(text: str, subject: str) -> UserPattern:
    if len(subject) > MAX_SUBJECT:
        raise TemplateError("the text is too long for a regular expression")
    try:
        return compile_pattern(text)
    except UnsafePattern as error:
        raise TemplateError(f"regular expression: {error}") from None


def _searched(search: Callable[[], Any]) -> Any:
    try:
        return search()
    except PatternTooSlow:
        raise TemplateError("regular expression: the search takes too long") from None
    except InvalidPattern as error:
        raise TemplateError(f"regular expression: {error}") from None


def _replace_matches(text: str, pattern: str, new: str, count: int = 0) -> str:
    r"""Java writes groups as `$1`, Python as `\g<1>`."""
    compiled = _pattern(pattern, text)
    if len(new) > MAX_SUBJECT:
        raise TemplateError("the replacement is too long")
    replacement = _GROUP.sub(r"\\g<\1>", new.replace("\\", "\\\\"))
    return str(_searched(lambda: compiled.sub(replacement, text, count)))


def _split(text: str, pattern: str, limit: int = 0) -> JavaList:
    if pattern and not set(pattern) & set(r"\.[]{}()*+-?^$|"):
        if text.count(pattern) >= MAX_ITEMS:
            raise TemplateError("a list grew too large")
        parts = JavaList(text.split(pattern))
    else:
        compiled = _pattern(pattern, text)
        if (len(text) + 1) * (compiled.groups + 1) > MAX_ITEMS:
            raise TemplateError("a list grew too large")
        parts = JavaList(_searched(lambda: compiled.split(text)))
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


# Documented: Mapping template reference shows some; the rest are java.lang.String's, as templates use them.
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
    "replaceAll": _replace_matches,
    "replaceFirst": lambda text, pattern, new: _replace_matches(text, pattern, new, 1),
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


def _find(items: list[Any], value: Any) -> int:
    return next((index for index, item in enumerate(items) if same(item, value)), -1)


def _remove(items: list[Any], which: Any) -> Any:
    if isinstance(which, int):
        return items.pop(which)
    index = _find(items, which)
    if index >= 0:
        del items[index]
    return index >= 0


# java.util.List's, as templates use them.
_LIST: dict[str, Callable[..., Any]] = {
    "size": len,
    "isEmpty": lambda items: not items,
    "get": lambda items, index: items[index],
    "contains": lambda items, value: _find(items, value) >= 0,
    "indexOf": _find,
    "add": _add,
    "addAll": _add_all,
    "set": _set,
    "remove": _remove,
    "subList": lambda items, start, end: JavaList(items[start:end]),
}


def _put(mapping: dict[Any, Any], key: Any, value: Any) -> Any:
    if len(mapping) >= MAX_ITEMS:
        raise TemplateError("a map grew too large")
    previous = mapping.get(key)
    mapping[key] = value
    return previous


def _put_all(mapping: dict[Any, Any], others: dict[Any, Any]) -> None:
    if len(mapping) + len(others) > MAX_ITEMS:
        raise TemplateError("a map grew too large")
    mapping.update(others)


# java.util.Map's, as templates use them.
_MAP: dict[str, Callable[..., Any]] = {
    "size": len,
    "isEmpty": lambda mapping: not mapping,
    "get": lambda mapping, key: mapping.get(key),
    "getOrDefault": lambda mapping, key, value: mapping.get(key, value),
    "put": _put,
    "putAll": _put_all,
    "remove": lambda mapping, key: mapping.pop(key, None),
    "containsKey": lambda mapping, key: key in mapping,
    "containsValue": lambda mapping, value: _find(list(mapping.values()), value) >= 0,
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
