"""Gateway responses: how a failure looks to the client, as the API's owner customized it.

Their templates are no VTL: `$context.…`, `$stageVariables.…` and `$method.request.…` are replaced,
and nothing else happens.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.services.apigateway.data_plane.failures import ConfigurationError, GatewayFailure
from sagehen.services.apigateway.data_plane.mapping.expressions import (
    Mapped,
    Sources,
    compile_expression,
    compile_mappings,
    read_mappings,
)
from sagehen.services.apigateway.data_plane.mapping.json_values import MAX_TEXT
from sagehen.services.apigateway.data_plane.messages.content import JSON_TYPE, template_for
from sagehen.services.apigateway.data_plane.messages.message import ApiResponse
from sagehen.services.apigateway.snapshot.apis import GatewayResponse

_DEFAULT_TEMPLATE = '{"message":$context.error.messageString}'
# Reported: refusals by policies have said `Message` since before the gateway responses were invented.
_DENIED_TEMPLATE = '{"Message":$context.error.messageString}'
_NAME = r"(?:context|stageVariables|method\.request)\.[\w.\-]+"
# Documented: Gateway response types: simple substitution, no Velocity.
_HOLE = re.compile(rf"\$(?:\{{({_NAME})\}}|({_NAME}))")


@dataclass(frozen=True, slots=True)
class _Compiled:
    status: int | None
    headers: tuple[Mapped, ...]
    templates: Mapping[str, str]


class GatewayResponses:
    """The gateway responses of one deployment.

    Args:
        responses: By type; those marked `is_default` stand for AWS's own.
    """

    def __init__(self, responses: Mapping[str, GatewayResponse]) -> None:
        self._custom = {
            kind: _Compiled(
                int(response.status_code) if response.status_code else None,
                compile_mappings(response.response_parameters),
                response.response_templates,
            )
            for kind, response in responses.items()
            if not response.is_default
        }

    def answer(self, failure: GatewayFailure, sources: Sources) -> ApiResponse:
        """Return what the client gets.

        Args:
            failure: Why.
            sources: `context` already holds `error`.

        Raises:
            ConfigurationError: It would be larger than any answer may be.
        """
        family = "DEFAULT_4XX" if failure.status < 500 else "DEFAULT_5XX"
        # Documented: a type that is not customized takes its family's response.
        custom = self._custom.get(failure.response_type) or self._custom.get(family)
        status, templates = failure.status, _NONE
        mapped: tuple[Mapped, ...] = ()
        if custom is not None:
            status, templates, mapped = custom.status or status, custom.templates, custom.headers
        content_type, template = template_for(templates, sources.parameters.request.header("accept"))
        if template is None:
            denied = failure.response_type == "ACCESS_DENIED" and custom is None
            template = _DENIED_TEMPLATE if denied else _DEFAULT_TEMPLATE
        filled = _fill(template, sources)
        response = ApiResponse(
            status,
            [("x-amzn-ErrorType", failure.error_type), ("Content-Type", content_type)],
            filled.encode("utf-8", "replace"),
        )
        for mapping, values in read_mappings(mapped, sources):
            if values:
                response.set_header(mapping.name, ",".join(values))
        return response


_NONE: Mapping[str, str] = {}


def _fill(template: str, sources: Sources) -> str:
    pieces: list[str] = []
    at, room = 0, MAX_TEXT
    for hole in _HOLE.finditer(template):
        pieces += (template[at : hole.start()], _filled(hole.group(1) or hole.group(2), sources))
        at = hole.end()
        room -= len(pieces[-1]) + len(pieces[-2])
        if room < 0:
            raise ConfigurationError("the gateway response is too large")
    return "".join((*pieces, template[at:]))


def _filled(name: str, sources: Sources) -> str:
    # A sentence may end behind a name: `$context.requestId.`
    trimmed = name.rstrip(".-")
    values = compile_expression(trimmed)(sources)
    return ("" if values is None else ",".join(values)) + name[len(trimmed) :]


def error_context(failure: GatewayFailure) -> dict[str, Any]:
    """Return `$context.error`; `messageString` is the quoted text, for JSON templates."""
    return {
        "message": failure.message,
        "messageString": _Quoted(json.dumps(failure.message)),
        "responseType": failure.response_type,
        "validationErrorString": failure.validation or None,
    }


class _Quoted(str):
    """JSON text that stands in templates as it is."""


def default_answer(failure: GatewayFailure) -> ApiResponse:
    """Return AWS's own answer where there is no API whose owner could have said otherwise."""
    body = json.dumps({"message": failure.message}, separators=(",", ":")).encode()
    headers = [("x-amzn-ErrorType", failure.error_type), ("Content-Type", JSON_TYPE)]
    return ApiResponse(failure.status, headers, body)
