"""The way out: from what a backend answered to the method response."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sagehen.services.apigateway.data_plane.compiled_api import CompiledIntegration
from sagehen.services.apigateway.data_plane.exchange import Exchange
from sagehen.services.apigateway.data_plane.failures import ConfigurationError
from sagehen.services.apigateway.data_plane.integrations.requests import overridden, render_template
from sagehen.services.apigateway.data_plane.mapping.expressions import read_mappings
from sagehen.services.apigateway.data_plane.messages.content import (
    JSON_TYPE,
    convert,
    first_accepted,
    template_for,
    text_of_bytes,
)
from sagehen.services.apigateway.data_plane.messages.message import ApiResponse, status_of


@dataclass(frozen=True, slots=True)
class BackendAnswer:
    """What a backend said.

    Args:
        status: HTTP's; of a function always 200.
        headers: In order.
        body: Bytes.
        selector: What selection patterns are matched with: a function's errorMessage (None if it did
            not fail), the status of everything else.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    selector: str | None

    def header_lists(self) -> dict[str, list[str]]:
        """Return all values of each header, by lower-case name: mappings find them whatever their case."""
        found: dict[str, list[str]] = {}
        for name, value in self.headers:
            found.setdefault(name.lower(), []).append(value)
        return found


def mapped_response(exchange: Exchange, compiled: CompiledIntegration, answer: BackendAnswer) -> ApiResponse:
    """Map the answer of an integration that is no proxy.

    Raises:
        ConfigurationError: No integration response fits, or a template failed.
    """
    # Documented: Set up an integration response: the first pattern that fits, else the default.
    chosen = compiled.response_for(answer.selector)
    if chosen is None:
        raise ConfigurationError(
            "No match for output mapping and no default endpoint mapping configured. "
            f"Endpoint Response Status Code: {answer.status}"
        )
    lists = answer.header_lists()
    own_type = lists.get("content-type", [JSON_TYPE])[-1]
    response = ApiResponse(int(chosen.response.status_code))
    body, is_bytes = convert(
        answer.body,
        is_binary=exchange.api.binary.includes(own_type) and "content-type" in lists,
        handling=chosen.response.content_handling,
        accepts_binary=exchange.api.binary.includes(first_accepted(exchange.request.header("accept"))),
    )
    override: dict[str, Any] = {"header": {}}
    accept = exchange.request.header("accept")
    content_type, template = template_for(chosen.response.response_templates, accept)
    if template is not None:
        # Recorded, words included.
        if is_bytes and not body.isascii():
            raise ConfigurationError("Unable to transform response")
        # Copies: where this takes too long it is begun again, in a thread.
        before = {
            place: dict(own) if isinstance(own, dict) else own for place, own in exchange.overrides.items()
        }
        overrides = {"requestOverride": before, "responseOverride": override}
        text = render_template(exchange, template, text_of_bytes(body), overrides)
        response.body = text.encode("utf-8", "surrogatepass")
    else:
        response.body = body
        content_type = own_type if template is None and "content-type" in lists else content_type
    response.headers.append(("Content-Type", content_type))
    sources = exchange.sources(lists, text_of_bytes(answer.body))
    for mapping, values in read_mappings(chosen.headers, sources):
        if values and mapping.place == "header":
            response.set_header(mapping.name, values[0])
            response.headers += [(mapping.name, value) for value in values[1:]]
    _override(response, override)
    return response


def _override(response: ApiResponse, override: dict[str, Any]) -> None:
    if (status := status_of(override.get("status"))) is not None:
        response.status = status
    for name, texts in overridden(override.get("header")):
        response.set_headers(clean(name), [clean(text) for text in texts])


def clean(value: str) -> str:
    """Return a header's value without what could begin another header."""
    return value.replace("\r", " ").replace("\n", " ").replace("\0", "")
