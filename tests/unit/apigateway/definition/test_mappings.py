"""Which mappings of parameters are understood, and what the method must declare for them."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.services.apigateway.definition.mappings import (
    check_content_types,
    check_gateway_mappings,
    check_method_parameters,
    check_method_response_parameters,
    check_request_mappings,
    check_response_mappings,
    nullify_empty_templates,
)
from sagehen.services.apigateway.errors import BadRequestException

PLACES = ("path", "querystring", "header")
DECLARED = {f"method.request.{place}.{place}1": True for place in PLACES}
DECLARED_HEADERS = {"method.response.header.X": False}
ANYWHERE = [
    "'text'",
    "''",
    "'a b,c'",
    "'a','b'",  # two values of one header
    "context.requestId",
    "context.authorizer.claims.sub",
    "context.error.message-string",
    "stageVariables.name_1",
]
REQUEST_SOURCES = [
    *ANYWHERE,
    "method.request.path.path1",
    "method.request.querystring.querystring1",
    "method.request.header.header1",
    # Declared by the name that has one value.
    "method.request.multivaluequerystring.querystring1",
    "method.request.multivalueheader.header1",
    "method.request.body",
    "method.request.body.$.a[0].b",
    "method.request.body.a",
]
RESPONSE_SOURCES = [
    *ANYWHERE,
    "integration.response.header.Location",
    "integration.response.multivalueheader.Set-Cookie",
    "integration.response.body",
    "integration.response.body.$.a",
]
NOWHERE = [
    "",
    "text",
    "'text",
    "true",
    "'it''s'",
    "context",
    "context.",
    "context.a b",
    "stageVariables.a-b",
    "stageVariables.",
    "method.request",
    "method.request.cookie.a",
    "method.request.header.",
    "method.request.header.a b",
    "method.request.bodyx",
    "method.request.body.",
]


@pytest.mark.parametrize("source", REQUEST_SOURCES)
@pytest.mark.parametrize("place", PLACES)
def test_requests_take(place: str, source: str) -> None:
    assert check_request_mappings({f"integration.request.{place}.x": source}, DECLARED) is None


@pytest.mark.parametrize("source", [*NOWHERE, "integration.response.header.a", "integration.response.body"])
def test_requests_do_not_take(source: str) -> None:
    with pytest.raises(BadRequestException) as raised:
        check_request_mappings({"integration.request.header.x": source}, DECLARED)
    assert raised.value.message == (
        "Invalid mapping expression specified: Validation Result: warnings : [], errors :"
        f" [Invalid mapping expression specified: {source}]"
    )


@pytest.mark.parametrize(
    "target",
    [
        "integration.request.body.x",
        "integration.request.header",
        "integration.request.header.a b",
        "integration.request.multivalueheader.x",
        "method.request.header.x",
        "header.x",
    ],
)
def test_requests_are_not_mapped_to(target: str) -> None:
    with pytest.raises(BadRequestException, match="Invalid mapping expression specified"):
        check_request_mappings({target: "'text'"}, DECLARED)


@pytest.mark.parametrize(
    "source",
    [
        "method.request.header.Header1",  # names are told apart by case here
        "method.request.header.path1",  # declared, but in another place
        "method.request.multivaluequerystring.header1",
        "method.request.path.id",
    ],
)
def test_what_is_mapped_is_declared(source: str) -> None:
    with pytest.raises(BadRequestException) as raised:
        check_request_mappings({"integration.request.header.x": source}, DECLARED)
    assert raised.value.message.endswith(f"[Invalid mapping expression parameter specified: {source}]")


@pytest.mark.parametrize("source", RESPONSE_SOURCES)
def test_responses_take(source: str) -> None:
    assert check_response_mappings({"method.response.header.X": source}, DECLARED_HEADERS) is None


@pytest.mark.parametrize(
    ("target", "source"),
    [
        *(("method.response.header.X", source) for source in (*NOWHERE, "method.request.header.header1")),
        ("method.response.header.Y", "'text'"),  # not declared
        ("method.response.header.x", "'text'"),
        ("method.response.body.X", "'text'"),
        ("integration.response.header.X", "'text'"),
    ],
)
def test_responses_do_not_take(target: str, source: str) -> None:
    with pytest.raises(BadRequestException, match="Invalid mapping expression"):
        check_response_mappings({target: source}, DECLARED_HEADERS)


@pytest.mark.parametrize("source", REQUEST_SOURCES)
def test_gateway_responses_take(source: str) -> None:
    assert check_gateway_mappings({"gatewayresponse.header.X": source}) is None


@pytest.mark.parametrize(
    ("target", "source"),
    [
        *(("gatewayresponse.header.X", source) for source in NOWHERE),
        ("gatewayresponse.header.X", "integration.response.header.a"),
        ("gatewayresponse.querystring.X", "'text'"),
        ("method.response.header.X", "'text'"),
    ],
)
def test_gateway_responses_do_not_take(target: str, source: str) -> None:
    with pytest.raises(BadRequestException, match="Invalid mapping expression specified"):
        check_gateway_mappings({target: source})


@pytest.mark.parametrize(
    ("check", "parameters", "message"),
    [
        (check_method_parameters, {"method.request.header.X-a": True, "method.request.path.b": True}, None),
        (check_method_parameters, {}, None),
        (
            check_method_parameters,
            {"method.request.header.a": True, "method.request.path.a": True},
            "Parameter names must be unique across querystring, header and path",
        ),
        (
            check_method_parameters,
            {"method.request.multivalueheader.a": True},
            "[Invalid mapping expression specified: method.request.multivalueheader.a]",
        ),
        (
            check_method_parameters,
            {"header.a": True},
            "[Invalid mapping expression specified: header.a]",
        ),
        (check_method_response_parameters, {"method.response.header.a": True}, None),
        (
            check_method_response_parameters,
            {"method.response.body.a": True},
            "[Invalid mapping expression specified: method.response.body.a]",
        ),
        (check_content_types, {"application/json": "", "image/*": "", "$default": ""}, None),
        (
            check_content_types,
            {"application/json": "", "json": ""},
            "Validation Result: warnings : [], errors : [Invalid content type specified: json]",
        ),
    ],
)
def test_declarations(check: Any, parameters: dict[str, Any], message: str | None) -> None:
    if message is None:
        check(parameters)
        return
    with pytest.raises(BadRequestException) as raised:
        check(parameters)
    assert raised.value.message.endswith(message)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {}),
        ({"t": {}}, {"t": {}}),
        ({"t": {"application/json": ""}}, {"t": {"application/json": None}}),
        ({"t": {"a/b": "x", "$default": ""}}, {"t": {"a/b": "x", "$default": None}}),
    ],
)
def test_empty_templates_are_none(before: dict[str, Any], after: dict[str, Any]) -> None:
    nullify_empty_templates(before, "t")
    assert before == after
