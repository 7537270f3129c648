"""OpenAPI documents of a definition: version 2 (`swagger`) and 3.0 (`oas30`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from sagehen.services.apigateway.documents.definition import Definition, Document
from sagehen.services.apigateway.openapi.integration import KEY as INTEGRATION
from sagehen.services.apigateway.openapi.integration import written_integration
from sagehen.services.apigateway.openapi.methods import X
from sagehen.services.apigateway.openapi.reader import ANY_METHOD
from sagehen.services.apigateway.openapi.schemas import written_schema
from sagehen.services.apigateway.openapi.security import AUTH_TYPE, AUTHORIZER

ExportType = Literal["swagger", "oas30"]
# API Gateway's name of a place -> OpenAPI's.
_PLACES = {"querystring": "query", "header": "header", "path": "path"}


def _types(method: Document) -> tuple[list[str], list[str]]:
    """Return what a method consumes and produces: the types of its models and its templates (recorded)."""
    integration = method.get("methodIntegration", {})
    produced: dict[str, None] = {}
    for response in method.get("methodResponses", {}).values():
        produced |= dict.fromkeys(response.get("responseModels", {}))
    for response in integration.get("integrationResponses", {}).values():
        produced |= dict.fromkeys(response.get("responseTemplates", {}))
    consumed = dict.fromkeys(method.get("requestModels", {})) | dict.fromkeys(
        integration.get("requestTemplates", {})
    )
    return list(consumed), list(produced)


class OpenApiWriter:
    """Writes one definition as one document.

    Args:
        definition: What a stage's deployment froze.
        export_type: `swagger` or `oas30`.
        extensions: `integrations`, `authorizers`, and `apigateway` for everything of API Gateway.
    """

    def __init__(self, definition: Definition, export_type: ExportType, extensions: frozenset[str]) -> None:
        self._definition = definition
        self._modern = export_type == "oas30"
        self._everything = "apigateway" in extensions
        self._integrations = self._everything or "integrations" in extensions
        self._authorizers = self._everything or "authorizers" in extensions
        self._schemas = "#/components/schemas/" if self._modern else "#/definitions/"

    def document(self, host: str, stage: str, version: str) -> Document:
        """Return the document.

        Args:
            host: Of the API's endpoint.
            stage: The exported stage, its base path.
            version: For an API that names none.
        """
        settings = self._definition.settings
        info: Document = {"title": settings["name"], "version": settings.get("version", version)}
        if description := settings.get("description"):
            info["description"] = description
        paths = {path: self._path(resource) for path, resource in self._definition.by_path().items()}
        # Recorded: both versions, as AWS writes them.
        document: Document = {"openapi": "3.0.1"} if self._modern else {"swagger": "2.0"}
        document["info"] = info
        document |= self._place(host, stage)
        document["paths"] = {path: item for path, item in paths.items() if item}
        schemas = {
            name: written_schema(model, self._schemas) for name, model in self._definition.models.items()
        }
        schemes = dict(self._schemes())
        if self._modern:
            components = {"schemas": schemas, "securitySchemes": schemes}
            document["components"] = {name: part for name, part in components.items() if part}
        else:
            document |= {
                name: part
                for name, part in (("securityDefinitions", schemes), ("definitions", schemas))
                if part
            }
        return document | (self._extensions() if self._everything else {})

    def _place(self, host: str, stage: str) -> Document:
        if self._modern:
            # Recorded: `/prod` in one version, a variable of the server in the other.
            variables = {"basePath": {"default": stage}}
            return {"servers": [{"url": f"https://{host}/{{basePath}}", "variables": variables}]}
        return {"host": host, "basePath": f"/{stage}", "schemes": ["https"]}

    def _extensions(self) -> Document:
        settings, definition = self._definition.settings, self._definition
        written: Document = {}
        if definition.gateway_responses:
            written[X + "gateway-responses"] = {
                name: {
                    member: response[member]
                    for member in ("statusCode", "responseParameters", "responseTemplates")
                    if response.get(member)
                }
                for name, response in definition.gateway_responses.items()
            }
        if definition.validators:
            written[X + "request-validators"] = {
                self._validator_name(validator): {
                    member: validator[member]
                    for member in ("validateRequestParameters", "validateRequestBody")
                }
                for validator in definition.validators.values()
            }
        for member, name in (
            ("binaryMediaTypes", "binary-media-types"),
            ("minimumCompressionSize", "minimum-compression-size"),
            ("policy", "policy"),
        ):
            if settings.get(member) is not None:
                written[X + name] = settings[member]
        if settings["apiKeySource"] != "HEADER":
            written[X + "api-key-source"] = settings["apiKeySource"]
        return written

    @staticmethod
    def _validator_name(validator: Document) -> str:
        return str(validator.get("name") or validator["id"])

    def _schemes(self) -> Iterator[tuple[str, Document]]:
        methods = [method for _, method in self._definition.methods()]
        if any(method["apiKeyRequired"] for method in methods):
            # The names of both schemes are from memory.
            yield "api_key", {"type": "apiKey", "name": "x-api-key", "in": "header"}
        if any(method["authorizationType"] == "AWS_IAM" for method in methods):
            yield "sigv4", {"type": "apiKey", "name": "Authorization", "in": "header", AUTH_TYPE: "awsSigv4"}
        for authorizer in self._definition.authorizers.values():
            # Documented: x-amazon-apigateway-authorizer: a scheme of a REQUEST authorizer names no header
            # but `Unused`.
            source = authorizer.get("identitySource", "")
            header = (
                source.removeprefix("method.request.header.") if authorizer["type"] == "TOKEN" else "Unused"
            )
            scheme: Document = {"type": "apiKey", "name": header, "in": "header"}
            if self._authorizers:
                scheme[AUTH_TYPE] = authorizer["authType"]
                scheme[AUTHORIZER] = {
                    member: authorizer[member]
                    for member in (
                        "authorizerUri",
                        "authorizerCredentials",
                        "authorizerResultTtlInSeconds",
                        "identitySource",
                        "identityValidationExpression",
                    )
                    if member in authorizer
                } | {"type": authorizer["type"].lower()}
            yield authorizer["name"], scheme

    # --- methods -------------------------------------------------------------------------------

    def _path(self, resource: Document) -> Document:
        item: Document = {}
        for verb, method in resource["resourceMethods"].items():
            item[ANY_METHOD if verb == "ANY" else verb.lower()] = self._operation(method)
        return item

    def _operation(self, method: Document) -> Document:
        operation: Document = {}
        if name := method.get("operationName"):
            operation["operationId"] = name
        models = method.get("requestModels", {})
        parameters = list(self._parameters(method))
        if self._modern:
            if models:
                operation["requestBody"] = {"content": self._content(models), "required": True}
        else:
            parameters.extend(self._body(name) for name in dict.fromkeys(models.values()))
            consumed, produced = _types(method)
            operation |= {
                name: kinds for name, kinds in (("consumes", consumed), ("produces", produced)) if kinds
            }
        if parameters:
            operation["parameters"] = parameters
        operation["responses"] = {
            status: self._response(status, response)
            for status, response in method.get("methodResponses", {}).items()
        }
        if security := list(self._security(method)):
            operation["security"] = security
        if self._everything and (validator_id := method.get("requestValidatorId")):
            validator = self._definition.validators[validator_id]
            operation[X + "request-validator"] = self._validator_name(validator)
        if self._integrations and (integration := method.get("methodIntegration")):
            operation[INTEGRATION] = written_integration(integration)
        return operation

    def _parameters(self, method: Document) -> Iterator[Document]:
        for parameter, required in method.get("requestParameters", {}).items():
            _, _, place, name = parameter.split(".", 3)
            written: Document = {"name": name, "in": _PLACES[place]}
            # From memory: version 2 says `required: false`, 3.0 leaves it out.
            if required or not self._modern:
                written["required"] = required
            yield written | ({"schema": {"type": "string"}} if self._modern else {"type": "string"})

    def _body(self, model: str) -> Document:
        return {"in": "body", "name": model, "required": True, "schema": {"$ref": self._schemas + model}}

    def _content(self, models: dict[str, Any]) -> Document:
        return {kind: {"schema": {"$ref": self._schemas + name}} for kind, name in models.items()}

    def _response(self, status: str, response: Document) -> Document:
        # Recorded: AWS keeps no description of a response.
        written: Document = {"description": f"{status} response"}
        models = response.get("responseModels", {})
        if models and not self._modern:
            written["schema"] = {"$ref": self._schemas + next(iter(models.values()))}
        headers = [
            name.removeprefix("method.response.header.") for name in response.get("responseParameters", {})
        ]
        if headers:
            kind: Document = {"type": "string"}
            written["headers"] = dict.fromkeys(headers, {"schema": kind} if self._modern else kind)
        if self._modern:
            # Recorded: also where it is empty.
            written["content"] = self._content(models)
        return written

    def _security(self, method: Document) -> Iterator[Document]:
        if method["authorizationType"] == "AWS_IAM":
            yield {"sigv4": []}
        elif authorizer := self._definition.authorizers.get(method.get("authorizerId", "")):
            yield {authorizer["name"]: method.get("authorizationScopes", [])}
        if method["apiKeyRequired"]:
            yield {"api_key": []}
