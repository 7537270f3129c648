"""Reading: a template's text, YAML with its short forms or JSON, as a tree of plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.services.cloudformation.errors import ValidationError

# Documented: AWS CloudFormation quotas, of a template in a request and of one in S3.
MOST_BODY_BYTES = 51_200
MOST_FILE_BYTES = 1_048_576


def read(text: str) -> Mapping[str, Any]:
    """Return the document. To be called in a thread where the text is long.

    Raises:
        ValidationError: It is neither, or no mapping. The words are AWS's, from memory and public issues.
    """
    found = read_fragment(text)
    if not isinstance(found, dict):
        raise ValidationError("Template format error: unsupported structure.")
    return found


def read_fragment(text: str) -> Any:
    """Return a document that may be a part of a template. ValidationError as `read`."""
    stripped = text.lstrip()
    if not stripped:
        raise ValidationError("Template format error: Template body is empty")
    return _json(text) if stripped.startswith("{") else _yaml(text)


def _json(text: str) -> Any:
    try:
        return read_json(text.encode())
    except NotJson as error:
        raise ValidationError(f"Template format error: JSON not well-formed. ({error})") from None


def _yaml(text: str) -> Any:
    from sagehen.services.cloudformation.templates import yaml_form

    return yaml_form.document(text)
