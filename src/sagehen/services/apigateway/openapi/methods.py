"""MethodReader: the operations of an OpenAPI document, made methods of resources."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from sagehen.domain.ids import Ids
from sagehen.services.apigateway.definition.integrations.responses import check_integration_response
from sagehen.services.apigateway.definition.integrations.rules import check_integration
from sagehen.services.apigateway.definition.method_responses import check_method_response
from sagehen.services.apigateway.definition.methods import check_method
from sagehen.services.apigateway.definition.models.rules import check_model
from sagehen.services.apigateway.documents.definition import Definition, Document
from sagehen.services.apigateway.openapi import shapes
from sagehen.services.apigateway.openapi.integration import KEY as INTEGRATION
from sagehen.services.apigateway.openapi.integration import read_integration
from sagehen.services.apigateway.openapi.schemas import model_of
from sagehen.services.apigateway.openapi.security import Scheme, secure
from sagehen.services.apigateway.openapi.shapes import check_shape
from sagehen.services.apigateway.openapi.text import Unfolded, resolved

X = "x-amazon-apigateway-"
_PLACES = {"query": "querystring", "header": "header", "path": "path"}
_JSON = "application/json"
_HOLE = re.compile(r"\{([^{}+]+)\+?\}")


class MethodReader:
    """Reads operations into methods, with their parameters, models, responses and integrations.

    Args:
        document, definition, ids: As the reader has them.
        unfolded: Counts what references come to.
        warn: Told what is left out.
        schemes: The document's security schemes, by name.
        validators: Name -> id.
    """

    def __init__(
        self,
        document: Document,
        definition: Definition,
        ids: Ids,
        unfolded: Unfolded,
        warn: Callable[[str], None],
        schemes: dict[str, Scheme],
        validators: dict[str, str],
    ) -> None:
        self._document = document
        self._definition = definition
        self._ids = ids
        self._unfolded = unfolded
        self._warn = warn
        self._schemes = schemes
        self._validators = validators
        self._modern = "openapi" in document

    def put(self, resource: Document, verb: str, operation: Document, item: Document) -> None:
        """Make a method of an operation and put it on its resource, in the place of one that is there.

        Args:
            resource: Of the definition.
            verb: Upper case, or ANY.
            operation: What the document says of it.
            item: The path item around it, whose parameters count too.

        Raises:
            BadRequestException: It cannot be.
            LimitExceededException: The definition would be too large.
            NotImplementedOperation: It asks for what is not built.
        """
        method: Document = {"httpMethod": verb, "authorizationType": "NONE", "apiKeyRequired": False}
        secure(method, operation, self._document.get("security"), self._schemes)
        if operation.get("operationId"):
            method["operationName"] = str(operation["operationId"])
        self._read_parameters(
            method, [*item.get("parameters", ()), *operation.get("parameters", ())], operation
        )
        for name in _HOLE.findall(resource["path"]):  # required, whether declared or not (recorded)
            parameter = f"method.request.path.{name}"
            method.setdefault("requestParameters", {}).setdefault(parameter, True)
        validator = operation.get(X + "request-validator", self._document.get(X + "request-validator"))
        if validator in self._validators:
            method["requestValidatorId"] = self._validators[validator]
        elif validator is not None:  # from memory that AWS goes on; without a word it would check nothing
            self._warn(f"Request validator '{validator}' is not defined. Ignoring.")
        self._unfolded.add(method)
        self._read_responses(method, operation)
        check_shape(method, shapes.METHOD)
        check_method(self._definition, method)
        if (described := operation.get(INTEGRATION)) is not None:
            where = f"method '{verb}' on resource at path '{resource['path']}'"
            described = self._with_text_mappings(resolved(self._document, described), where)
            integration = read_integration(described, resource["id"])
            self._unfolded.add(integration)
            check_shape(integration, shapes.INTEGRATION)
            check_integration(integration, method)
            for response in integration.get("integrationResponses", {}).values():
                check_shape(response, shapes.INTEGRATION_RESPONSE)
                check_integration_response(response, method)
            method["methodIntegration"] = integration
        resource["resourceMethods"][verb] = method

    def _with_text_mappings(self, described: Document, where: str) -> Document:
        """Leave out mappings that are no texts: AWS warns of them and imports the rest."""
        mappings = described.get("requestParameters")
        if not isinstance(mappings, dict) or all(isinstance(value, str) for value in mappings.values()):
            return described
        for name, value in mappings.items():
            if not isinstance(value, str):
                self._warn(
                    f"Invalid mapping expression specified for {where}: {name}: {json.dumps(value)}."
                    " Ignoring."
                )
        texts = {name: value for name, value in mappings.items() if isinstance(value, str)}
        return {**described, "requestParameters": texts}

    def _read_parameters(self, method: Document, parameters: list[Any], operation: Document) -> None:
        declared: Document = {}
        body: Any = None
        for node in parameters:
            parameter = resolved(self._document, node)
            place = str(parameter.get("in"))
            if place in _PLACES:
                required = bool(parameter.get("required", False))
                declared[f"method.request.{_PLACES[place]}.{parameter.get('name')}"] = required
            elif place == "body":
                body = parameter.get("schema")
            else:
                self._warn(f"Parameters in '{place}' are not supported. Ignoring.")
        if declared:
            method["requestParameters"] = declared
        types = operation.get("consumes") or self._document.get("consumes") or [_JSON]
        bodies = dict.fromkeys(types, body) if body else {}
        if self._modern and "requestBody" in operation:
            content = resolved(self._document, operation["requestBody"]).get("content") or {}
            bodies = {kind: (media or {}).get("schema") for kind, media in content.items()}
        models = self._models(bodies)
        if models:
            method["requestModels"] = models

    def _read_responses(self, method: Document, operation: Document) -> None:
        types = operation.get("produces") or self._document.get("produces") or [_JSON]
        for status, node in (operation.get("responses") or {}).items():
            if not (len(status) == 3 and status.isdigit()):
                self._warn(f"Response '{status}' is not a status code. Ignoring.")
                continue
            described = resolved(self._document, node)
            response: Document = {"statusCode": status}
            headers = described.get("headers") or {}
            if headers:
                response["responseParameters"] = {f"method.response.header.{name}": False for name in headers}
            bodies = dict(self._bodies(described, types))
            if models := self._models(bodies):
                response["responseModels"] = models
            self._unfolded.add(response)
            check_shape(response, shapes.METHOD_RESPONSE)
            check_method_response(self._definition, response)
            method.setdefault("methodResponses", {})[status] = response

    def _bodies(self, described: Document, types: list[str]) -> Iterator[tuple[str, Any]]:
        if self._modern:
            for kind, media in (described.get("content") or {}).items():
                yield kind, (media or {}).get("schema")
        elif described.get("schema"):
            for kind in types:
                yield kind, described["schema"]

    def _models(self, bodies: dict[str, Any]) -> Document:
        models: Document = {}
        known = self._definition.models
        for kind, schema in bodies.items():
            before = len(known)
            name = model_of(schema, self._definition, self._ids)
            if name and len(known) > before:  # of a schema without a name
                self._unfolded.add(known[name])
                check_model(self._definition, known[name])
            if name:
                models[kind] = name
        return models
