"""Request validation: required parameters, and bodies against JSON Schema draft 4."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonschema.exceptions import ValidationError
from referencing import Registry
from referencing.exceptions import NoSuchResource, Unresolvable
from referencing.jsonschema import DRAFT4

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.services.apigateway.data_plane.failures import GatewayFailure
from sagehen.services.apigateway.data_plane.messages.content import media_type
from sagehen.services.apigateway.data_plane.messages.parameters import MethodParameters
from sagehen.services.apigateway.data_plane.validation.schemas import (
    ModelValidator,
    UnusableSchema,
    read_schema,
)
from sagehen.services.apigateway.patterns import UnsafePattern
from sagehen.services.apigateway.snapshot.apis import Method, Model


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
        self._schemas: dict[str, str] = {}
        self._validators: dict[str, Any] = {}
        if check_body:
            self._registry = _registry(api_id, models)
            for content_type, name in method.request_models.items():
                if name in models and models[name].schema:
                    self._schemas[content_type.lower()] = models[name].schema

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
        """Check a body against the model of its content type, within a budget.

        Raises:
            GatewayFailure: BAD_REQUEST_BODY; API_CONFIGURATION_ERROR where the model is at fault.
            BudgetSpent: The model and the body make it too much work.
        """
        schema = self._schemas.get(media_type(content_type)) or self._schemas.get("$default")
        if schema is None:
            return
        try:
            document = read_json(body) if body else None
        except NotJson:
            raise _refused(["Unable to parse the body as JSON"]) from None
        try:
            faults = [error.message for error in _first(self._validator(schema), document)]
        except (RecursionError, Unresolvable, ValidationError, UnsafePattern, UnusableSchema) as error:
            raise GatewayFailure("API_CONFIGURATION_ERROR", log=f"Invalid model: {error}"[:500]) from None
        if faults:
            raise _refused(faults)

    def _validator(self, schema: str) -> Any:
        found = self._validators.get(schema)
        if found is None:
            found = self._validators[schema] = ModelValidator(read_schema(schema), registry=self._registry)
        return found


def _first(validator: Any, document: Any) -> list[ValidationError]:
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
    """Return the API's models by their URLs, read when they are referred to. Nothing is ever fetched."""
    base = f"https://apigateway.amazonaws.com/restapis/{api_id}/models/"

    def retrieve(uri: str) -> Any:
        model = models.get(uri.removeprefix(base)) if uri.startswith(base) else None
        if model is None:
            raise NoSuchResource(uri)
        return DRAFT4.create_resource(read_schema(model.schema or "{}"))

    return Registry(retrieve=retrieve)  # type: ignore[call-arg]
