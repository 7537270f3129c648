"""Models: JSON schemas by name."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, TypeVar

from sagehen.api.bounded.budget import BudgetSpent, TooBusy, in_thread
from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.ids import Ids
from sagehen.services.apigateway.access import via
from sagehen.services.apigateway.definition.models.references import flat_schema, user_of
from sagehen.services.apigateway.definition.models.rules import check_model, check_patterns, invalid_model
from sagehen.services.apigateway.definition.models.template import default_template
from sagehen.services.apigateway.documents.definition import Definition, Document, given, new_id
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

_SLOW_PATTERNS = "The schema's patterns take too long to compile"
_TOO_LARGE = "The schema and those that it refers to are too large"
_NAME = re.compile(r"[a-zA-Z0-9]+")


PATCHES = PatchTable(
    Row("/description", REPLACE, field("description", lambda value: value or None)),
    Row("/schema", REPLACE, field("schema")),
    refusals="paths",
)


async def _off_loop(fault: str, work: Callable[..., T], *args: Any) -> T:
    """Do work on a schema in a thread; what takes too long is refused with `fault`."""
    try:
        return await in_thread(work, *args)
    except TooBusy:
        raise ServiceUnavailableException("Please reduce your request rate.") from None
    except BudgetSpent:
        raise invalid_model(fault) from None


def _flat_text(definition: Definition, name: str) -> str:
    return json.dumps(flat_schema(definition, name), indent=2)


def _template(definition: Definition, name: str) -> str:
    return default_template(flat_schema(definition, name))


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
            # an empty description is none (recorded)
            document |= given(request, "description", "schema")
            # Before the schema is looked at (from memory).
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
            if user := user_of(definition, name):
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
