"""Schemas of OpenAPI documents as models, and back: where their references point."""

from __future__ import annotations

import json
import re
from typing import Any

from sagehen.domain.ids import Ids
from sagehen.services.apigateway.definition.models.defaults import new_model
from sagehen.services.apigateway.documents.definition import Definition, Document

_REFERENCE = re.compile(r"#/(?:definitions|components/schemas)/([^/]+)")
_MODEL = re.compile(r"https://apigateway\.amazonaws\.com/restapis/[^/]+/models/([a-zA-Z0-9]+)")
# Documented: CreateModel, name: letters and digits.
_NOT_ALPHANUMERIC = re.compile(r"[^a-zA-Z0-9]")


def model_name(name: str) -> str:
    """Return a schema's name as a model may have it: letters and digits alone."""
    return _NOT_ALPHANUMERIC.sub("", name)


def as_model_schema(definition: Definition, schema: Any) -> Any:
    """Return a schema whose references point to the API's models."""
    if isinstance(schema, dict):
        return {
            key: _pointed(definition, value) if key == "$ref" else as_model_schema(definition, value)
            for key, value in schema.items()
        }
    if isinstance(schema, list):
        return [as_model_schema(definition, value) for value in schema]
    return schema


def _pointed(definition: Definition, reference: Any) -> Any:
    match = _REFERENCE.fullmatch(reference) if isinstance(reference, str) else None
    return definition.model_url(model_name(match[1])) if match else reference


def read_models(document: Document, definition: Definition, ids: Ids) -> list[str]:
    """Make a model of every named schema of a document. Return what cannot be made, in words."""
    faults: list[str] = []
    made: dict[str, str] = {}
    schemas = document.get("definitions") or (document.get("components") or {}).get("schemas")
    for name, schema in (schemas or {}).items():
        if not isinstance(schema, dict):
            continue
        model = new_model(ids, model_name(name), as_model_schema(definition, schema))
        if (other := made.setdefault(model["name"], name)) != name:
            # `User-Info` and `UserInfo`: one would take the other's place.
            faults.append(
                f"Unable to create model '{name}': Model name already exists for this REST API"
                f" ('{other}' has it: letters and digits alone count)"
            )
            continue
        if schema.get("description"):
            model["description"] = schema["description"]
        if known := definition.models.get(model["name"]):
            model["id"] = known["id"]
        definition.models[model["name"]] = model
    return faults


def model_of(schema: Any, definition: Definition, ids: Ids) -> str | None:
    """Return the name of the model of a body's schema; an anonymous one gets a model of its own."""
    if not isinstance(schema, dict) or not schema:
        return None
    match = _REFERENCE.fullmatch(str(schema.get("$ref", "")))
    if match:
        return model_name(match[1])
    model = new_model(ids, f"MODEL{ids.hex(6)}", as_model_schema(definition, schema))
    definition.models[model["name"]] = model
    return str(model["name"])


def written_schema(model: Document, prefix: str) -> Any:
    """Return a model's schema with references to `prefix` (`#/definitions/`) and nothing of its dialect."""
    schema = json.loads(model.get("schema") or "{}")
    if isinstance(schema, dict):
        schema.pop("$schema", None)
    return _written(schema, prefix)


def _written(schema: Any, prefix: str) -> Any:
    if isinstance(schema, dict):
        return {
            key: _MODEL.sub(lambda match: f"{prefix}{match[1]}", value)
            if key == "$ref" and isinstance(value, str)
            else _written(value, prefix)
            for key, value in schema.items()
        }
    if isinstance(schema, list):
        return [_written(value, prefix) for value in schema]
    return schema
