"""OpenApiReader: an OpenAPI 2 or 3 document, with API Gateway's extensions, laid over a definition.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

from sagehen.api.bounded.budget import THREAD_S, BudgetSpent, within
from sagehen.domain.ids import Ids
from sagehen.services.apigateway.definition.default_responses import STATUS_CODES
from sagehen.services.apigateway.definition.gateway_responses import (
    check_gateway_response,
    new_gateway_response,
)
from sagehen.services.apigateway.definition.models.rules import check_model, check_patterns
from sagehen.services.apigateway.definition.resources import add_resource
from sagehen.services.apigateway.definition.rest_apis import check_settings, refuse_tls_policies
from sagehen.services.apigateway.documentation.parts import EXTENSION as DOCUMENTATION
from sagehen.services.apigateway.documentation.parts import lay_parts
from sagehen.services.apigateway.documents.definition import ROOT_PATH, Definition, Document, given, new_id
from sagehen.services.apigateway.errors import BadRequestException
from sagehen.services.apigateway.openapi import shapes
from sagehen.services.apigateway.openapi.methods import MethodReader, X
from sagehen.services.apigateway.openapi.schemas import read_models
from sagehen.services.apigateway.openapi.security import read_schemes
from sagehen.services.apigateway.openapi.shapes import check_shape
from sagehen.services.apigateway.openapi.text import Unfolded

ANY_METHOD = X + "any-method"
_VERBS = ("get", "put", "post", "delete", "options", "head", "patch", ANY_METHOD)
_VARIABLE = re.compile(r"\{([^{}]+)\}")
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html:
# characters of the URL of a regional API. Which fault AWS finds with a longer one is not recorded.
_MAX_URL = 10_240


class OpenApiReader:
    """Reads one document into one definition.

    Args:
        document: The parsed document.
        definition: Changed in place.
        ids: For what gets a new id.
        base_path: `ignore`, `prepend` or `split`, as ImportRestApi's parameter `basepath`.

    Attributes:
        warnings: What was left out, in words.
        policy: The document's resource policy as text, not yet checked.
    """

    def __init__(self, document: Document, definition: Definition, ids: Ids, base_path: str) -> None:
        self.warnings: list[str] = []
        self.policy: str | None = None
        self._document = document
        self._definition = definition
        self._ids = ids
        self._base_path = base_path
        self._errors: list[str] = []
        self._unfolded = Unfolded()
        self._prefix = ""
        self._modern = "openapi" in document
        version = str(document.get("openapi") if self._modern else document.get("swagger"))
        # AWS imports 3.0 and no later version.
        if not version.startswith("3.0" if self._modern else "2."):
            raise BadRequestException("Invalid OpenAPI input.")

    def read(self) -> None:
        """Lay the document over the definition.

        Raises:
            BadRequestException: With every fault found.
            LimitExceededException: The API would have too many resources, or be too large.
            NotImplementedOperation: It asks for what is not built.
        """
        Unfolded().add(self._document)  # aliases of YAML
        self._read_settings()
        self._errors += read_models(self._document, self._definition, self._ids)
        for model in self._definition.models.values():
            failed = f"Unable to create model '{model['name']}'"
            self._attempt(failed, partial(check_model, self._definition, model))
        self._read_validators()
        self._read_gateway_responses()
        schemes = read_schemes(self._document, self._definition, self._ids)
        self._attempt(
            "Unable to put documentation parts",
            self._read_documentation,
        )
        self._read_base()
        methods = MethodReader(
            self._document, self._definition, self._ids, self._unfolded, self._warn, schemes, self._validators
        )
        for path, item in (self._document.get("paths") or {}).items():
            if path.startswith("/") and isinstance(item, dict):
                self._attempt(
                    f"Unable to create resource at path '{path}'",
                    partial(self._read_path, path, item, methods),
                )
        self._check_patterns()
        if self._errors:
            raise BadRequestException("Errors found during import:\n\t" + "\n\t".join(self._errors))

    def _check_patterns(self) -> None:
        """Check the patterns of all models in the time that those of one model may take."""

        def check() -> None:
            for model in self._definition.models.values():
                failed = f"Unable to create model '{model['name']}'"
                self._attempt(failed, partial(check_patterns, model.get("schema")))

        try:
            within(THREAD_S, check)
        except BudgetSpent:
            self._errors.append("The patterns of the models take too long to compile")

    def _warn(self, text: str) -> None:
        self._unfolded.add(text)
        self.warnings.append(text)

    def _read_documentation(self) -> None:
        lay_parts(self._definition, self._document.get(DOCUMENTATION), self._ids)

    def _attempt(self, failed: str, step: Callable[[], None]) -> None:
        try:
            step()
        except BadRequestException as error:
            self._errors.append(f"{failed}: {error.message}")

    # --- the API itself ----------------------------------------------------------------------

    def _read_settings(self) -> None:
        settings, document = self._definition.settings, self._document
        info = document.get("info") or {}
        if info.get("title"):
            settings["name"] = str(info["title"])
        for member in ("description", "version"):
            if info.get(member):
                settings[member] = str(info[member])
        if media_types := document.get(X + "binary-media-types"):
            settings["binaryMediaTypes"] = list(media_types)
        if (size := document.get(X + "minimum-compression-size")) is not None:
            settings["minimumCompressionSize"] = int(size)
        if source := document.get(X + "api-key-source"):
            settings["apiKeySource"] = str(source).upper()
        refuse_tls_policies(document.get(X + "endpoint-access-mode"), document.get(X + "security-policy"))
        endpoint = document.get(X + "endpoint-configuration") or {}
        settings["endpointConfiguration"] |= given(endpoint, "types", "ipAddressType", "vpcEndpointIds")
        if "disableExecuteApiEndpoint" in endpoint:
            settings["disableExecuteApiEndpoint"] = bool(endpoint["disableExecuteApiEndpoint"])
        if policy := document.get(X + "policy"):
            self.policy = policy if isinstance(policy, str) else json.dumps(policy)
        check_shape(settings, shapes.SETTINGS)
        check_shape(settings["endpointConfiguration"], shapes.ENDPOINT)
        check_settings(settings)

    def _read_validators(self) -> None:
        known = {one.get("name"): one["id"] for one in self._definition.validators.values()}
        self._validators: dict[str, str] = {}
        for name, described in (self._document.get(X + "request-validators") or {}).items():
            validator_id = known.get(name) or new_id(self._ids)
            self._validators[name] = validator_id
            self._definition.validators[validator_id] = {
                "id": validator_id,
                "name": name,
                "validateRequestBody": bool(described.get("validateRequestBody")),
                "validateRequestParameters": bool(described.get("validateRequestParameters")),
            }

    def _read_gateway_responses(self) -> None:
        for response_type, described in (self._document.get(X + "gateway-responses") or {}).items():

            def step(response_type: str = response_type, described: Document = described) -> None:
                request = {**described}
                if request.get("statusCode") is not None:
                    request["statusCode"] = str(request["statusCode"])
                if response_type not in STATUS_CODES:
                    raise BadRequestException("Invalid gateway response type specified")
                response = new_gateway_response(response_type, request)
                check_shape(response, shapes.GATEWAY_RESPONSE)
                check_gateway_response(response)
                self._definition.gateway_responses[response_type] = response

            self._attempt(f"Unable to put gateway response '{response_type}'", step)

    # --- paths ---------------------------------------------------------------------------------

    def _read_path(self, path: str, item: Document, methods: MethodReader) -> None:
        resource = self._resource(self._prefix + path)
        for verb in _VERBS:
            operation = item.get(verb)
            if not isinstance(operation, dict):
                continue
            name = "ANY" if verb == ANY_METHOD else verb.upper()
            self._attempt(
                f"Unable to put method '{name}' on resource at path '{path}'",
                partial(methods.put, resource, name, operation, item),
            )

    def _read_base(self) -> None:
        base = "" if self._base_path == "ignore" else self._base()
        if self._base_path == "split":  # the first part of the base path goes to a custom domain
            base = "/" + base.strip("/").partition("/")[2]
        self._prefix = base.rstrip("/") if base.strip("/") else ""

    def _base(self) -> str:
        if not self._modern:
            return str(self._document.get("basePath") or "/")
        servers = self._document.get("servers") or [{}]
        if len(servers) > 1:
            self._warn("More than one server provided. Ignoring all but the first.")
        url = str(servers[0].get("url", ""))
        variables = servers[0].get("variables") or {}

        def default(hole: re.Match[str]) -> str:
            if hole[1] not in variables:
                return hole[0]
            text = str(variables[hole[1]].get("default", "")).strip("/")
            return text[: _MAX_URL + 1]

        if len(url) <= _MAX_URL:
            url = _VARIABLE.sub(default, url)
        if len(url) > _MAX_URL:
            raise BadRequestException(
                f"Invalid OpenAPI input: the server's URL exceeds {_MAX_URL} characters"
            )
        return urlsplit(url).path or "/"

    def _resource(self, path: str) -> Document:
        definition = self._definition
        at, resource = "", definition.root
        known = {one["path"]: one for one in definition.resources.values()}
        for part in path.strip("/").split("/") if path.strip("/") else ():
            at = f"{at}/{part}"
            resource = known.get(at) or add_resource(definition, new_id(self._ids), resource, part)
        return resource if path != ROOT_PATH else definition.root
