"""Which models refer to which, and what else refers to one."""

from __future__ import annotations

import re
from typing import Any

from sagehen.api.bounded.json_text import read_json
from sagehen.services.apigateway.documents.definition import Definition

# Documented: Data models for REST APIs, references to other models.
_REFERENCE = re.compile(r"https://apigateway\.amazonaws\.com/restapis/([^/]+)/models/([a-zA-Z0-9]+)")


def rename_references(schema: str | None, old_api: str, new_api: str) -> str:
    """Return a schema whose references point into another API."""
    return (schema or "").replace(f"/restapis/{old_api}/models/", f"/restapis/{new_api}/models/")


def user_of(definition: Definition, name: str) -> str | None:
    """Return AWS's words for what still refers to a model, or None."""
    # In the order in which AWS names the first that it finds (recorded of methods; of models from memory).
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


def flat_schema(definition: Definition, name: str) -> Any:
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
