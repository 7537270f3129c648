"""The mapping template that AWS offers for a model: a body of its shape, drawn from the request."""

from __future__ import annotations

from typing import Any

_SAMPLES = {"string": '"foo"', "number": "42", "integer": "42", "boolean": "true", "null": "null"}
_INDENT = "  "
# A schema that refers to itself would go on for ever.
_MAX_DEPTH = 12


def default_template(schema: Any) -> str:
    """Return a VTL template that makes a sample of `schema` (with its references under `definitions`)."""
    definitions = schema.get("definitions", {}) if isinstance(schema, dict) else {}
    return f"#set($inputRoot = $input.path('$'))\n{_sample(schema, definitions, '$inputRoot', 0)}"


def _sample(schema: Any, definitions: dict[str, Any], source: str, depth: int) -> str:
    if not isinstance(schema, dict) or depth > _MAX_DEPTH:
        return "{ }"
    if reference := schema.get("$ref"):
        schema = definitions.get(str(reference).rsplit("/", 1)[-1], {})
    if "properties" in schema:
        lines = [
            f'{_INDENT * (depth + 1)}"{name}" : {_sample(part, definitions, f"{source}.{name}", depth + 1)}'
            for name, part in schema["properties"].items()
        ]
        return "{\n" + ",\n".join(lines) + f"\n{_INDENT * depth}}}"
    if "items" in schema:
        element = _sample(schema["items"], definitions, "$elem", depth + 1)
        pad = _INDENT * depth
        loop = f"#foreach($elem in {source})\n{pad}{_INDENT}{element}#if($foreach.hasNext),#end\n\n#end"
        return f"[\n{loop}\n{pad}]"
    return _SAMPLES.get(str(schema.get("type")), "{ }")
