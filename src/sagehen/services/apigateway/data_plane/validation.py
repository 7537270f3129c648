"""Request validation: required parameters, and bodies against JSON Schema draft 4."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson
from jsonschema import Draft4Validator
from jsonschema.exceptions import SchemaError, ValidationError
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT4

from sagehen.services.apigateway.data_plane.content import media_type
from sagehen.services.apigateway.data_plane.failures import GatewayFailure
from sagehen.services.apigateway.data_plane.parameters import MethodParameters
from sagehen.services.apigateway.data_plane.patterns import UnsafePattern, compile_pattern
from sagehen.services.apigateway.snapshot import Method, Model


class RequestValidation:
    """What one method's validator checks.

    Args:
        method: Whose parameters and models.
        check_body, check_parameters: As the validator says.
        api_id: In the URLs by which models refer to one another.
        models: All of the API's.
    """

    def __init__(
        self,
        method: Method,
        *,
        check_body: bool,
        check_parameters: bool,
        api_id: str,
        models: Mapping[str, Model],
    ) -> None:
        self._required = (
            # AWS names what is missing in this order: headers, path, query string (recorded).
            tuple(sorted(name for name, required in method.request_parameters.items() if required))
            if check_parameters
            else ()
        )
        self._schemas: dict[str, Draft4Validator] = {}
        if check_body:
            registry = _registry(api_id, models)
            for content_type, name in method.request_models.items():
                if name in models and models[name].schema:
                    self._schemas[content_type.lower()] = _validator(models[name].schema, registry)

    def check_parameters(self, parameters: MethodParameters) -> None:
        """Check that required parameters are there.

        Raises:
            GatewayFailure: BAD_REQUEST_PARAMETERS.
        """
        missing = [name.split(".", 3)[-1] for name in self._required if not _present(name, parameters)]
        if missing:
            text = f"Missing required request parameters: [{', '.join(missing)}]"
            raise GatewayFailure("BAD_REQUEST_PARAMETERS", text, log=f"Request failed validation: {text}")

    def check_body(self, body: bytes, content_type: str | None) -> None:
        """Check a body against the model of its content type.

        Raises:
            GatewayFailure: BAD_REQUEST_BODY.
        """
        if not self._schemas:
            return
        validator = self._schemas.get(media_type(content_type)) or self._schemas.get("$default")
        if validator is None:
            return
        try:
            document = orjson.loads(body) if body else None
        except ValueError:
            raise _refused(["Unable to parse the body as JSON"]) from None
        try:
            faults = [error.message for error in _first(validator, document)]
        except (RecursionError, Unresolvable, ValidationError) as error:
            raise GatewayFailure("API_CONFIGURATION_ERROR", log=f"Invalid model: {error}"[:500]) from None
        if faults:
            raise _refused(faults)


def _first(validator: Draft4Validator, document: Any) -> list[ValidationError]:
    found = []
    for error in validator.iter_errors(document):
        found.append(error)
        if len(found) == 5:  # AWS lists them all; nobody reads beyond the first few
            break
    return found


def _refused(faults: list[str]) -> GatewayFailure:
    text = f"[{', '.join(fault[:200] for fault in faults)}]"
    return GatewayFailure(
        "BAD_REQUEST_BODY",
        log=f"Request body does not match model schema for content type application/json: {text}",
        validation=text,
    )


def _present(name: str, parameters: MethodParameters) -> bool:
    _, _, place, key = name.split(".", 3)
    if place == "path":
        return key in parameters.raw_path
    if place == "querystring":
        return bool(parameters.query.get(key))
    return bool(parameters.header(key))


def _registry(api_id: str, models: Mapping[str, Model]) -> Registry[Any]:
    """Return the API's models by their URLs. Nothing is ever fetched."""
    base = f"https://apigateway.amazonaws.com/restapis/{api_id}/models/"
    known = [(base + model.name, DRAFT4.create_resource(_schema(model.schema))) for model in models.values()]
    registry: Registry[Any] = Registry()
    return registry.with_resources(known)


def _schema(text: str) -> Any:
    """Return a schema; CreateModel refuses bad ones, and one that slipped through checks nothing."""
    try:
        document = json.loads(text)
        Draft4Validator.check_schema(document)
        _drop_unsafe_patterns(document)
    except (ValueError, RecursionError, SchemaError):
        return {}
    return document


def _drop_unsafe_patterns(schema: Any) -> None:
    """Take out patterns that could run without end: one request must not stop all others."""
    if isinstance(schema, list):
        for item in schema:
            _drop_unsafe_patterns(item)
    elif isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str) and not _is_safe(schema["pattern"]):
            del schema["pattern"]
        by_pattern = schema.get("patternProperties")
        if isinstance(by_pattern, dict):
            for pattern in [pattern for pattern in by_pattern if not _is_safe(pattern)]:
                del by_pattern[pattern]
        for item in schema.values():
            _drop_unsafe_patterns(item)


def _is_safe(pattern: str) -> bool:
    try:
        compile_pattern(pattern)
    except UnsafePattern:
        return False
    return True


def _validator(schema: str, registry: Registry[Any]) -> Draft4Validator:
    return Draft4Validator(_schema(schema), registry=registry)
