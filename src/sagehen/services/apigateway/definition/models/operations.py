"""Models: JSON schemas by name."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from sagehen.api.bounded.budget import BudgetSpent, TooBusy, in_thread
from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.ids import Ids
from sagehen.services.apigateway.access import via
from sagehen.services.apigateway.definition.models.schema_rules import bad_patterns, dangling_references
from sagehen.services.apigateway.definition.models.template import default_template
from sagehen.services.apigateway.documents.definition import Definition, Document, new_id
from sagehen.services.apigateway.documents.effects import field
from sagehen.services.apigateway.documents.listing import by_name, page
from sagehen.services.apigateway.documents.patches import REPLACE, PatchTable, Row
from sagehen.services.apigateway.documents.records import Records
from sagehen.services.apigateway.errors import (
    BadRequestException,
    ConflictException,
    NotFoundException,
    ServiceUnavailableException,
)

T = TypeVar("T")

_DRAFT = "http://json-schema.org/draft-04/schema#"
# More faults of one schema are not named.
_MOST_FAULTS = 10
_SLOW_PATTERNS = "The schema's patterns take too long to compile"
_TOO_LARGE = "The schema and those that it refers to are too large"
_NAME = re.compile(r"[a-zA-Z0-9]+")
_REFERENCE = re.compile(r"https://apigateway\.amazonaws\.com/restapis/([^/]+)/models/([a-zA-Z0-9]+)")

PATCHES = PatchTable(
    Row("/description", REPLACE, field("description", lambda value: value or None)),
    Row("/schema", REPLACE, field("schema")),
    refusals="paths",
)


def default_models(ids: Ids) -> dict[str, Document]:
    """Return the two models that every new API has."""
    empty = {"$schema": _DRAFT, "title": "Empty Schema", "type": "object"}
    error = {
        "$schema": _DRAFT,
        "title": "Error Schema",
        "type": "object",
        "properties": {"message": {"type": "string"}},
    }
    return {
        "Empty": new_model(ids, "Empty", empty, description="This is a default empty schema model"),
        "Error": new_model(ids, "Error", error, description="This is a default error schema model"),
    }


def new_model(ids: Ids, name: str, schema: Any, *, description: str | None = None) -> Document:
    """Return a Model structure of a schema that is not text yet."""
    document: Document = {"id": new_id(ids), "name": name, "contentType": "application/json"}
    if description:
        document["description"] = description
    return {**document, "schema": json.dumps(schema, indent=2)}


def rename_references(schema: str | None, old_api: str, new_api: str) -> str:
    """Return a schema whose references point into another API."""
    return (schema or "").replace(f"/restapis/{old_api}/models/", f"/restapis/{new_api}/models/")


def check_model(definition: Definition, document: Document) -> None:
    """Check a model: JSON, and references to what is there.

    Raises:
        BadRequestException
    """
    schema = document.get("schema") or ""
    parsed = _parsed(schema) if schema.strip() else None
    if not parsed:  # whatever the content type (recorded)
        raise BadRequestException("Model schema must have at least 1 property or array items defined")
    url = definition.model_url("")

    def knows_model(reference: str) -> bool:
        name = reference.removeprefix(url)
        return reference.startswith(url) and (name in definition.models or name == document["name"])

    _refuse(dangling_references(parsed, knows_model))


def check_patterns(schema: str | None) -> None:
    """Check that the patterns of a schema can be used: what is never enforced is not accepted.

    Apart from `check_model`, since it may take a while; nobody else's writes should wait for it.

    Raises:
        BadRequestException
        BudgetSpent: They are too much work.
    """
    if schema and "attern" in schema:
        _refuse(bad_patterns(_parsed(schema)))


async def _off_loop(fault: str, work: Callable[..., T], *args: Any) -> T:
    """Do work on a schema in a thread; what takes too long is refused with `fault`."""
    try:
        return await in_thread(work, *args)
    except TooBusy:
        raise ServiceUnavailableException("Please reduce your request rate.") from None
    except BudgetSpent:
        raise _invalid(fault) from None


def _parsed(schema: str) -> Any:
    try:
        return read_json(schema)
    except NotJson as error:
        raise _invalid(f"Invalid model schema specified. Unsupported schema: {error}") from None


def _refuse(found: Iterator[str]) -> None:
    if faults := list(itertools.islice(found, _MOST_FAULTS)):
        raise _invalid(", ".join(faults))


def _invalid(fault: str) -> BadRequestException:
    return BadRequestException(
        f"Invalid model specified: Validation Result: warnings : [], errors : [{fault}]"
    )


def _references(definition: Definition, name: str) -> str | None:
    """Return AWS's words for what still refers to a model, or None."""
    for resource, method in definition.methods():
        where = f"{resource['path']}/{method['httpMethod']}"
        if name in method.get("requestModels", {}).values():
            return f"method request: {where}"
        for status, response in method.get("methodResponses", {}).items():
            if name in response.get("responseModels", {}).values():
                return f"method response: {where}/{status}"
    for model in definition.models.values():
        if model["name"] != name and (definition.id, name) in _REFERENCE.findall(model.get("schema") or ""):
            return f"model: {model['name']}"
    return None


def _flat_schema(definition: Definition, name: str) -> Any:
    """Return a schema with the models that it refers to among its definitions."""
    gathered: dict[str, Any] = {}
    waiting: list[str] = []

    def flat(model: str) -> Any:
        text = definition.models[model].get("schema") or "{}"
        for _, referred in _REFERENCE.findall(text):
            if referred not in gathered and referred in definition.models:
                gathered[referred] = None
                waiting.append(referred)
        return read_json(_REFERENCE.sub(lambda match: f"#/definitions/{match[2]}", text))

    schema = flat(name)
    while waiting:
        one = waiting.pop()
        gathered[one] = flat(one)
    if gathered and isinstance(schema, dict):
        schema["definitions"] = {**gathered, **schema.get("definitions", {})}
    return schema


def _flat_text(definition: Definition, name: str) -> str:
    return json.dumps(_flat_schema(definition, name), indent=2)


def _template(definition: Definition, name: str) -> str:
    return default_template(_flat_schema(definition, name))


class Models:
    """The operations on models."""

    def __init__(self, records: Records, ids: Ids) -> None:
        self.records = records
        self._ids = ids

    @operation("CreateModel", access=via("POST", "/restapis/{restApiId}/models"))
    async def create_model(self, context: RequestContext, request: Request) -> Document:
        await _off_loop(_SLOW_PATTERNS, check_patterns, request.get("schema"))

        def change(definition: Definition) -> Document:
            name = request["name"]
            if not name:
                raise BadRequestException("Model name must be non-empty")
            if not _NAME.fullmatch(name):
                raise BadRequestException(f"Model name must be alphanumeric: {name}")
            document = {"id": new_id(self._ids), "name": name, "contentType": request["contentType"]}
            for member in ("description", "schema"):
                if request.get(member):  # an empty description is none (recorded)
                    document[member] = request[member]
            if name in definition.models:
                raise ConflictException("Model name already exists for this REST API")
            check_model(definition, document)
            definition.models[name] = document
            return document

        return await self.records.edit(context.scope, request["restApiId"], change)

    @operation("GetModel", access=via("GET", "/restapis/{restApiId}/models/{modelName}"))
    async def get_model(self, context: RequestContext, request: Request) -> Document:
        name = request["modelName"]
        definition = self.records.definition(context.scope, request["restApiId"], _no_such_model(name))
        model = _model(definition, name)
        if request.get("flatten"):
            return {**model, "schema": await _off_loop(_TOO_LARGE, _flat_text, definition, name)}
        return model

    @operation("GetModels", access=via("GET", "/restapis/{restApiId}/models"))
    async def get_models(self, context: RequestContext, request: Request) -> dict[str, Any]:
        definition = self.records.definition(context.scope, request["restApiId"])
        models = sorted(definition.models.values(), key=by_name)
        return page(models, request, by_name, f"models/{definition.id}")

    @operation("UpdateModel", access=via("PATCH", "/restapis/{restApiId}/models/{modelName}"))
    async def update_model(self, context: RequestContext, request: Request) -> Document:
        name = request["modelName"]
        for patch in request.get("patchOperations") or ():
            if patch.get("path") == "/schema":
                await _off_loop(_SLOW_PATTERNS, check_patterns, patch.get("value"))

        def change(definition: Definition) -> Document:
            model = _model(definition, name)
            PATCHES.apply(model, request.get("patchOperations"))
            check_model(definition, model)
            return model

        return await self.records.edit(context.scope, request["restApiId"], change, _no_such_model(name))

    @operation("DeleteModel", access=via("DELETE", "/restapis/{restApiId}/models/{modelName}"))
    async def delete_model(self, context: RequestContext, request: Request) -> None:
        name = request["modelName"]

        def change(definition: Definition) -> None:
            _model(definition, name)
            if user := _references(definition, name):
                raise ConflictException(f"Cannot delete model '{name}', is referenced in {user}")
            del definition.models[name]

        await self.records.edit(context.scope, request["restApiId"], change, _no_such_model(name))

    @operation(
        "GetModelTemplate",
        access=via("GET", "/restapis/{restApiId}/models/{modelName}/default_template"),
    )
    async def get_model_template(self, context: RequestContext, request: Request) -> dict[str, Any]:
        name = request["modelName"]
        definition = self.records.definition(context.scope, request["restApiId"], _no_such_model(name))
        _model(definition, name)
        return {"value": await _off_loop(_TOO_LARGE, _template, definition, name)}


def _no_such_model(name: str) -> NotFoundException:
    return NotFoundException(f"Invalid model name specified: {name}")


def _model(definition: Definition, name: str) -> Document:
    model = definition.models.get(name)
    if model is None:
        raise _no_such_model(name)
    return model
