"""The awsJson 1.0 and 1.1 protocols: one JSON object in the body.

Sources: https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html,
https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sagehen.protocol.http import HttpRequest
from sagehen.protocol.models.description import Operation
from sagehen.protocol.reading.json_values import json_readers, load_json


def json_parser(
    operation: Operation, protocol: str
) -> Callable[[HttpRequest, Mapping[str, str]], dict[str, Any]]:
    """Return what reads a request of an operation that has input; an empty body is an empty object.

    Raises (when called):
        SerializationException: Not JSON, not an object, or too wide; a member of another type.
    """
    assert operation.input is not None
    read = json_readers(operation.service).reader(operation.input)

    def parse(request: HttpRequest, path_parameters: Mapping[str, str]) -> dict[str, Any]:
        assert isinstance(request.body, bytes)
        result: dict[str, Any] = read(load_json(request.body)) if request.body else {}
        return result

    return parse
