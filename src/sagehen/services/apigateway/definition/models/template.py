"""The mapping template that AWS offers for a model: a body of its shape, drawn from the request."""

from __future__ import annotations

from typing import Any

from sagehen.api.bounded.budget import BudgetSpent, spend

_SAMPLES = {"string": '"foo"', "number": "42", "integer": "42", "boolean": "true", "null": "null"}
_INDENT = "  "
# A schema that refers to itself would go on for ever.
_MAX_DEPTH = 12
# A schema that refers to itself ten times would go on for 10^12: a larger template nobody could use.
_MAX_CHARACTERS = 300 * 1024


def default_template(schema: Any) -> str:
    """Return a VTL template that makes a sample of `schema` (with its references under `definitions`).

    Raises:
        BudgetSpent: It would be larger than a template may be, or took too long.
    """
    definitions = schema.get("definitions", {}) if isinstance(schema, dict) else {}
    drawn = _Drawn(definitions)
    return f"#set($inputRoot = $input.path('$'))\n{drawn.sample(schema, '$inputRoot', 0)}"


class _Drawn:
    """A template on its way: what it may still refer to, and how large it may still become."""

    def __init__(self, definitions: dict[str, Any]) -> None:
        self._definitions = definitions
        self._room = _MAX_CHARACTERS

    def sample(self, schema: Any, source: str, depth: int) -> str:
        spend()
        if not isinstance(schema, dict) or depth > _MAX_DEPTH:
            return "{ }"
        if reference := schema.get("$ref"):
            schema = self._definitions.get(str(reference).rsplit("/", 1)[-1])
            if not isinstance(schema, dict):
                return "{ }"
        if isinstance(properties := schema.get("properties"), dict):
            return self._object(properties, source, depth)
        if "items" in schema:
            element = self.sample(schema["items"], "$elem", depth + 1)
            pad = _INDENT * depth
            loop = f"#foreach($elem in {source})\n{pad}{_INDENT}{element}#if($foreach.hasNext),#end\n\n#end"
            return f"[\n{loop}\n{pad}]"
        return _SAMPLES.get(str(schema.get("type")), "{ }")

    def _object(self, properties: dict[str, Any], source: str, depth: int) -> str:
        lines = []
        for name, part in properties.items():
            self._room -= len(source) + len(name)
            if self._room < 0:
                raise BudgetSpent
            lines.append(
                f'{_INDENT * (depth + 1)}"{name}" : {self.sample(part, f"{source}.{name}", depth + 1)}'
            )
        return "{\n" + ",\n".join(lines) + f"\n{_INDENT * depth}}}"
