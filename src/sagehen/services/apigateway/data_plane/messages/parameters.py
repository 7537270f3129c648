"""Parameters of a method request, in the shapes that events, mappings and templates want them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qsl, unquote

from sagehen.services.apigateway.data_plane.messages.headers import FOR_THE_GATEWAY
from sagehen.services.apigateway.data_plane.messages.message import ApiRequest


@dataclass(frozen=True)
class MethodParameters:
    """The parameters of one request, each shape made when it is first asked for.

    Args:
        request: The request.
        raw_path: Path parameters as sent.
    """

    request: ApiRequest
    raw_path: Mapping[str, str]

    @cached_property
    def path(self) -> dict[str, str]:
        """Path parameters, decoded."""
        return {name: unquote(value) for name, value in self.raw_path.items()}

    @cached_property
    def query_lists(self) -> dict[str, list[str]]:
        """All values of each parameter of the query, decoded, in order."""
        found: dict[str, list[str]] = {}
        if self.request.query:
            # A thousand parameters are ours: a URL of 10,240 characters could hold five times as many.
            for name, value in parse_qsl(self.request.query, keep_blank_values=True, max_num_fields=1000):
                found.setdefault(name, []).append(value)
        return found

    @cached_property
    def query(self) -> dict[str, str]:
        """The last value of each parameter of the query."""
        # From memory: the last value stands in the map of single values.
        return {name: values[-1] for name, values in self.query_lists.items()}

    @cached_property
    def header_lists(self) -> dict[str, list[str]]:
        """All values of each header that is not for the gateway alone; its first spelling names it."""
        found: dict[str, list[str]] = {}
        spelling: dict[str, str] = {}
        for name, value in self.request.headers:
            if name.lower() in FOR_THE_GATEWAY:
                continue
            found.setdefault(spelling.setdefault(name.lower(), name), []).append(value)
        return found

    @cached_property
    def headers(self) -> dict[str, str]:
        """The last value of each header."""
        return {name: values[-1] for name, values in self.header_lists.items()}

    @cached_property
    def _spelling(self) -> dict[str, str]:
        return {name.lower(): name for name in self.header_lists}

    def header(self, name: str) -> str | None:
        """Return the last value of a header, whatever its case; None if absent."""
        own = self._spelling.get(name.lower())
        return None if own is None else self.headers[own]

    def header_values(self, name: str) -> list[str] | None:
        """Return all values of a header, whatever its case, in order; None if absent."""
        own = self._spelling.get(name.lower())
        return None if own is None else self.header_lists[own]
