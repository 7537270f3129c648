"""The way in: from a method request to what the integration's backend is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.services.apigateway.data_plane.compiled_api import CompiledIntegration
from sagehen.services.apigateway.data_plane.exchange import Exchange
from sagehen.services.apigateway.data_plane.failures import ConfigurationError, GatewayFailure
from sagehen.services.apigateway.data_plane.mapping.expressions import MAX_MAPPED, read_mappings
from sagehen.services.apigateway.data_plane.messages.content import convert, media_type, text_of_bytes
from sagehen.services.apigateway.data_plane.messages.headers import check_mapped
from sagehen.services.apigateway.data_plane.velocity.evaluator import render
from sagehen.services.apigateway.data_plane.velocity.parser import TemplateError
from sagehen.services.apigateway.data_plane.velocity.values import text_of
from sagehen.services.apigateway.data_plane.velocity.variables import InputVariable, UtilVariable

_UTIL = UtilVariable()


@dataclass(slots=True)
class IntegrationRequest:
    """What goes to the backend: header and query names with their values, path parameters, body."""

    headers: dict[str, list[str]] = field(default_factory=dict)
    query: dict[str, list[str]] = field(default_factory=dict)
    path: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    templated: bool = False

    def header(self, name: str) -> str | None:
        """Return the last value of a header, whatever its case; None if absent."""
        wanted = name.lower()
        return next((values[-1] for own, values in self.headers.items() if own.lower() == wanted), None)


def mapped_request(exchange: Exchange, compiled: CompiledIntegration) -> IntegrationRequest:
    """Map a request for an integration that is no proxy.

    Raises:
        GatewayFailure: UNSUPPORTED_MEDIA_TYPE.
        ConfigurationError: A template or a conversion failed.
    """
    result = IntegrationRequest()
    apply_mappings(exchange, compiled, result)
    content_type = exchange.request.header("content-type")
    is_binary = exchange.api.binary.includes(content_type)
    body, is_bytes = convert(
        exchange.request.body, is_binary=is_binary, handling=compiled.integration.content_handling
    )
    template = _template(compiled, content_type)
    if template is None:
        result.body = body
    elif is_bytes:  # no text that a template could work on (recorded)
        raise ConfigurationError("Unable to transform request")
    else:
        override: dict[str, Any] = {"header": {}, "querystring": {}, "path": {}}
        text = render_template(exchange, template, text_of_bytes(body), {"requestOverride": override})
        result.body, result.templated = text.encode("utf-8", "surrogatepass"), True
        _override(result, override)
        exchange.overrides = override
    if result.header("content-type") is None:
        # Documented: a request without a type counts as JSON.
        result.headers["Content-Type"] = [media_type(content_type)]
    return result


def apply_mappings(exchange: Exchange, compiled: CompiledIntegration, result: IntegrationRequest) -> None:
    """Apply `integration.request.…` parameters.

    Raises:
        ConfigurationError: One of them sets what no integration request may say, or they are too large.
        GatewayFailure: One of them reads a body that is broken JSON.
    """
    if not compiled.request:
        return
    sources = exchange.sources()
    if any(mapping.of_body for mapping in compiled.request):
        _check_json(sources.body)
    for mapping, values in read_mappings(compiled.request, sources):
        if mapping.place == "header":
            if check_mapped(mapping.name, compiled.integration.type):
                _put(result.headers, mapping.name, [",".join(values)])  # one header, however many values
        elif mapping.place == "querystring":
            result.query[mapping.name] = values
        elif mapping.place == "path":
            result.path[mapping.name] = values[-1]


def _check_json(body: str) -> None:
    """Refuse a body that mappings read and that begins as an object of JSON but is none (recorded)."""
    if body.lstrip().startswith("{"):
        try:
            read_json(body)
        except NotJson:
            message = "Invalid JSON in request body"
            raise GatewayFailure(
                "DEFAULT_4XX", message, status=400, error_type="BadRequestException"
            ) from None


def check_mappings(exchange: Exchange, compiled: CompiledIntegration) -> None:
    """Apply `integration.request.…` parameters to nothing.

    Raises:
        ConfigurationError: As `apply_mappings`.
    """
    apply_mappings(exchange, compiled, IntegrationRequest())


def render_template(exchange: Exchange, template: str, body: str, extra: dict[str, Any]) -> str:
    """Render a mapping template.

    Args:
        exchange: Its variables and parameters.
        template: The text.
        body: What `$input` is about.
        extra: Added to `$context`: the overrides that the template may fill.

    Raises:
        ConfigurationError: The template is malformed or failed.
    """
    parameters = exchange.parameters
    # Templates may assign into what they get: they get copies.
    context = {
        name: dict(value) if isinstance(value, dict) else value for name, value in exchange.context.items()
    }
    variables = {
        "input": InputVariable(
            body, {"path": parameters.path, "querystring": parameters.query, "header": parameters.headers}
        ),
        "util": _UTIL,
        "context": context | extra,
        "stageVariables": dict(exchange.stage_variables),
    }
    try:
        return render(template, variables)
    except TemplateError as error:
        raise ConfigurationError(f"Unable to transform: {error}") from None


def _template(compiled: CompiledIntegration, content_type: str | None) -> str | None:
    """Choose a template by content type; None passes the body through."""
    templates = compiled.request_templates
    # Documented: Method request behavior for payloads without mapping templates.
    for key in (media_type(content_type), "$default"):
        if key in templates:  # null: a template that was left empty passes the body through
            return templates[key]
    behavior = compiled.integration.passthrough_behavior
    if behavior == "NEVER" or (behavior == "WHEN_NO_TEMPLATES" and templates):
        raise GatewayFailure("UNSUPPORTED_MEDIA_TYPE")
    return None


def _override(result: IntegrationRequest, override: Mapping[str, Any]) -> None:
    for name, texts in overridden(override.get("header")):
        _put(result.headers, name, texts)
    for name, texts in overridden(override.get("querystring")):
        result.query[name] = texts
    for name, texts in overridden(override.get("path")):
        result.path[name] = texts[-1]


def overridden(values: Any) -> list[tuple[str, list[str]]]:
    """Return names and texts of what a template overrides: a list sets one header or parameter for each.

    Raises:
        ConfigurationError: They are more than `MAX_MAPPED` characters.
    """
    found = []
    room = MAX_MAPPED
    for name, value in values.items() if isinstance(values, dict) else ():
        if value is None:
            continue
        texts = []
        for one in value if isinstance(value, list) and value else [value]:
            try:
                texts.append(text_of(one))
            except TemplateError as error:
                raise ConfigurationError(f"Unable to override {name}: {error}") from None
            room -= len(str(name)) + len(texts[-1])
            if room < 0:
                raise ConfigurationError("Unable to override: the headers and parameters are too large")
        found.append((str(name), texts))
    return found


def _put(headers: dict[str, list[str]], name: str, values: list[str]) -> None:
    wanted = name.lower()
    for own in [own for own in headers if own.lower() == wanted]:
        del headers[own]
    headers[name] = values
