"""`$input` and `$util`, as mapping templates see them.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote_plus, unquote_plus

import orjson

from sagehen.api.bounded.budget import afford, spend
from sagehen.api.bounded.json_text import NotJson
from sagehen.services.apigateway.data_plane.mapping.json_values import check_size, parse_json
from sagehen.services.apigateway.data_plane.mapping.jsonpath import InvalidJsonPath, compile_path
from sagehen.services.apigateway.data_plane.velocity.parser import TemplateError
from sagehen.services.apigateway.data_plane.velocity.values import text_of

_UNREAD = object()


class InputVariable:
    """`$input`.

    Args:
        body: Of the request, or of the integration's answer.
        params: `path`, `querystring` and `header` of the method request, each by name.
    """

    def __init__(self, body: str, params: Mapping[str, Mapping[str, str]]) -> None:
        # AWS hands templates an empty object where there is no body.
        self.body = body or "{}"
        self._params = params
        self._parsed: Any = _UNREAD
        self._lent = False

    def velocity_methods(self) -> Mapping[str, Callable[..., Any]]:
        """As VelocityObject."""
        return {"json": self.json, "path": self.path, "params": self.params, "getBody": lambda: self.body}

    def get(self, name: str) -> str | None:
        """Return a property: `$input.body`."""
        return self.body if name == "body" else None

    def json(self, path: str = "$") -> str:
        """Return what the path leads to as JSON text; `""` where it leads nowhere."""
        found, definite = self._find(path, "")
        if self._lent or not definite:  # else it is a part of the body, and no larger
            check_size(found)
        try:
            return orjson.dumps(found).decode()
        except TypeError:
            return json.dumps(found, separators=(",", ":"))  # numbers beyond 64 bits

    def path(self, path: str = "$") -> Any:
        """Return what the path leads to; null where it leads nowhere.

        The template may change it, and `json` shows that.
        """
        found, _ = self._find(path, None)
        self._lent = self._lent or isinstance(found, dict | list)
        return found

    def params(self, name: str | None = None) -> Any:
        """Return one parameter (path first, then query string, then header), or the map of all."""
        if name is None:
            return {kind: dict(values) for kind, values in self._params.items()}
        for kind in ("path", "querystring"):
            if name in self._params[kind]:
                return self._params[kind][name]
        wanted = name.lower()
        for own, value in self._params["header"].items():
            if own.lower() == wanted:
                return value
        return ""

    def _find(self, path: str, default: Any) -> tuple[Any, bool]:
        if self._parsed is _UNREAD:
            self._parsed = _parsed(self.body)
        try:
            compiled = compile_path(path)
            return compiled.find(self._parsed, default), compiled.definite
        except InvalidJsonPath as error:
            raise TemplateError(f"Invalid JSON path: {error}") from None


class UtilVariable:
    """`$util`."""

    def velocity_methods(self) -> Mapping[str, Callable[..., Any]]:
        """As VelocityObject."""
        return _UTIL


def _parsed(text: str) -> Any:
    """Text that is no JSON stands for itself."""
    try:
        return parse_json(text)
    except NotJson:
        return text


def escape_javascript(value: Any) -> str:
    """Escape as Apache Commons Lang does, single quotes included."""
    pieces = []
    for character in text_of(value):
        spend()
        code = ord(character)
        if character in _ESCAPES:
            pieces.append(_ESCAPES[character])
        elif code < 32 or 0x7F < code <= 0xFFFF:
            pieces.append(f"\\u{code:04X}")
        elif code > 0xFFFF:
            code -= 0x10000
            pieces.append(f"\\u{0xD800 + (code >> 10):04X}\\u{0xDC00 + (code & 0x3FF):04X}")
        else:
            pieces.append(character)
    return "".join(pieces)


# Documented: Mapping template reference: single quotes are escaped, too, which JSON does not know.
_ESCAPES = {
    "'": "\\'", '"': '\\"', "\\": "\\\\", "/": "\\/",
    "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f",
}  # fmt: skip


# Processor seconds, measured: what cannot be broken off is not begun without them.
_PER_CHARACTER_S = 0.1e-6
_PER_ESCAPE_S = 0.4e-6


def _parse_json(value: Any) -> Any:
    text = text_of(value)
    afford(len(text) * _PER_CHARACTER_S)
    try:
        return parse_json(text)
    except NotJson as error:
        raise TemplateError(f"Unable to parse JSON: {error}"[:200]) from None


def _url_encode(value: Any) -> str:
    text = text_of(value)
    afford(len(text) * _PER_CHARACTER_S)
    # As java.net.URLEncoder: a blank is a plus, an asterisk stays.
    return quote_plus(text, safe="*")


def _url_decode(value: Any) -> str:
    text = text_of(value)
    afford(text.count("%") * _PER_ESCAPE_S)
    return unquote_plus(text)


def _base64_decode(text: Any) -> str:
    try:
        return base64.b64decode(text_of(text)).decode("utf-8", "replace")
    except (binascii.Error, ValueError) as error:
        raise TemplateError(f"Invalid base64: {error}") from None


_UTIL: Mapping[str, Callable[..., Any]] = {
    "escapeJavaScript": escape_javascript,
    "parseJson": _parse_json,
    "urlEncode": _url_encode,
    "urlDecode": _url_decode,
    "base64Encode": lambda text: base64.b64encode(text_of(text).encode("utf-8", "replace")).decode(),
    "base64Decode": _base64_decode,
}
