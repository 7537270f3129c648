"""New models: of schemas that are not text yet, and the two that every API begins with."""

from __future__ import annotations

import json
from typing import Any

from sagehen.domain.ids import Ids
from sagehen.services.apigateway.documents.definition import Document, new_id

# Documented: Data models for REST APIs: draft 4, and no later one.
_DRAFT = "http://json-schema.org/draft-04/schema#"


def default_models(ids: Ids) -> dict[str, Document]:
    """Return the two models that every new API has."""
    # Recorded: GetModels of an API that was just made, titles and descriptions included.
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
    # Indented: GetModel shows it so (recorded of the two default models).
    return {**document, "schema": json.dumps(schema, indent=2)}
