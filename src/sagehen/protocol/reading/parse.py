"""parse: the values in a request, by protocol."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from sagehen.api.bounded.budget import BudgetSpent
from sagehen.protocol.errors import MalformedXML, SerializationException
from sagehen.protocol.http import HttpRequest
from sagehen.protocol.models.description import Operation
from sagehen.protocol.reading.cbor_body import cbor_parser
from sagehen.protocol.reading.json_body import json_parser
from sagehen.protocol.reading.query_form import query_parser
from sagehen.protocol.reading.rest_request import rest_parser

Parser = Callable[[HttpRequest, Mapping[str, str]], dict[str, Any]]


def parse(
    operation: Operation, protocol: str, request: HttpRequest, path_parameters: Mapping[str, str]
) -> dict[str, Any]:
    """Read a request's input.

    Values are Python's, as `api.operation` says. A body that is a BodyStream is passed through
    where the operation's payload is a blob; for all others the
    caller has read it.

    Raises:
        SerializationException: A malformed body, in the JSON and CBOR protocols.
        MalformedInput: A malformed body or parameter, in query and ec2.
        MalformedXML: A malformed body, in rest-xml.
        InvalidArgument: A malformed header or query parameter, in rest-xml.
    """
    try:
        return parser_of(operation, protocol)(request, path_parameters)
    except (RecursionError, BudgetSpent) as error:  # recursive shapes nest as deeply as the client likes
        if protocol == "rest-xml":
            raise MalformedXML() from None
        fault = "nested too deeply" if isinstance(error, RecursionError) else "too large"
        raise SerializationException(f"The request is {fault}.") from None


@functools.cache
def parser_of(operation: Operation, protocol: str) -> Parser:
    """Compile the parser of an operation: the model is walked once, not per request."""
    if operation.input is None:
        return lambda request, path_parameters: {}
    makers: dict[str, Callable[[Operation, str], Parser]] = {
        "json": json_parser,
        "smithy-rpc-v2-cbor": cbor_parser,
        "query": query_parser,
        "ec2": query_parser,
        "rest-json": rest_parser,
        "rest-xml": rest_parser,
    }
    return makers[protocol](operation, protocol)
