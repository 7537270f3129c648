"""What a mapping's source comes to, for one request and one answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sagehen.api.bounded.budget import within
from sagehen.services.apigateway.data_plane.failures import ConfigurationError
from sagehen.services.apigateway.data_plane.mapping.expressions import (
    MAX_MAPPED,
    Sources,
    compile_expression,
    compile_mappings,
    read_mappings,
)
from sagehen.services.apigateway.data_plane.messages.message import ApiRequest
from sagehen.services.apigateway.data_plane.messages.parameters import MethodParameters

BODY = '{"name":"ada","tags":["a","b"],"deep":{"n":1.0,"nothing":null},"text":"å"}'


def sources(body: str = BODY, answer: str = '{"id":7}') -> Sources:
    request = ApiRequest(
        request_id="r",
        api_id="api",
        stage="prod",
        method="GET",
        path="/pets/a%20b",
        query="q=1&q=2&empty=&space=a+b",
        headers=(("X-One", "first"), ("x-one", "second"), ("Connection", "close"), ("Host", "h")),
        body=body.encode(),
        source_ip="192.0.2.1",
        host="h",
        received_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return Sources(
        MethodParameters(request, {"id": "a%20b"}),
        body,
        {"fn": "classify", "empty": ""},
        {"stage": "prod", "identity": {"sourceIp": "192.0.2.1", "user": None}, "n": 3, "on": True},
        {"location": ["/a", "/b"]},
        answer,
    )


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("'text'", ["text"]),
        ("''", [""]),
        ("'it's'", ["it's"]),
        ("'a','b'", ["a','b"]),
        ("stageVariables.fn", ["classify"]),
        ("stageVariables.empty", [""]),
        ("stageVariables.none", None),
        ("context.stage", ["prod"]),
        ("context.identity.sourceIp", ["192.0.2.1"]),
        ("context.identity.user", None),
        ("context.identity", ['{"sourceIp":"192.0.2.1","user":null}']),
        ("context.n", ["3"]),
        ("context.on", ["true"]),
        ("context.none", None),
        ("context.stage.deeper", None),
        # Path parameters are decoded, the query and headers give their last value.
        ("method.request.path.id", ["a b"]),
        ("method.request.path.none", None),
        ("method.request.querystring.q", ["2"]),
        ("method.request.querystring.empty", [""]),
        ("method.request.querystring.space", ["a b"]),
        ("method.request.querystring.none", None),
        ("method.request.multivaluequerystring.q", ["1", "2"]),
        ("method.request.multivaluequerystring.none", None),
        ("method.request.header.X-One", ["second"]),
        ("method.request.header.x-ONE", ["second"]),
        ("method.request.multivalueheader.x-one", ["first", "second"]),
        ("method.request.header.none", None),
        ("method.request.header.Connection", None),  # for the gateway alone
        ("method.request.header.Host", ["h"]),
        ("method.request.body", [BODY]),
        ("method.request.body.$.name", ["ada"]),
        ("method.request.body.name", ["ada"]),
        ("method.request.body.$.tags", ['["a","b"]']),
        ("method.request.body.$.tags[1]", ["b"]),
        ("method.request.body.$..n", ["[1.0]"]),
        ("method.request.body.$.deep", ['{"n":1.0,"nothing":null}']),
        ("method.request.body.$.deep.nothing", None),
        ("method.request.body.$.none", None),
        ("method.request.body.$.text", ["å"]),
        ("method.request.body.$[", None),  # no JSONPath
        ("integration.response.header.Location", ["/b"]),
        ("integration.response.multivalueheader.Location", ["/a", "/b"]),
        ("integration.response.header.none", None),
        ("integration.response.body", ['{"id":7}']),
        ("integration.response.body.$.id", ["7"]),
        ("nonsense", None),
        ("", None),
        ("'", None),
    ],
)
def test_what_is_read(expression: str, values: list[str] | None) -> None:
    assert within(10, lambda: compile_expression(expression)(sources())) == values


@pytest.mark.parametrize(
    ("body", "expression", "values"),
    [
        ("", "method.request.body", ["{}"]),  # no body is an empty object
        ("", "method.request.body.$.a", None),
        ("plain", "method.request.body", ["plain"]),
        ("plain", "method.request.body.$.a", None),
        ("[" * 100_000, "method.request.body.$.a", None),
        (
            '{"n":123456789012345678901234567890}',
            "method.request.body.$.n",
            ["123456789012345678901234567890"],
        ),
    ],
)
def test_bodies(body: str, expression: str, values: list[str] | None) -> None:
    assert within(10, lambda: compile_expression(expression)(sources(body))) == values


@pytest.mark.parametrize(
    ("target", "place", "name"),
    [
        ("integration.request.header.X-A", "header", "X-A"),
        ("integration.request.querystring.a.b", "querystring", "a.b"),
        ("integration.request.path.id", "path", "id"),
        ("method.response.header.Location", "header", "Location"),
        ("gatewayresponse.header.Access-Control-Allow-Origin", "header", "Access-Control-Allow-Origin"),
    ],
)
def test_where_a_mapping_goes(target: str, place: str, name: str) -> None:
    (mapped,) = compile_mappings({target: "method.request.body.$.name"})
    assert (mapped.place, mapped.name, mapped.of_body) == (place, name, True)
    assert [
        (one.name, values) for one, values in within(10, lambda: list(read_mappings([mapped], sources())))
    ] == [(name, ["ada"])]


@pytest.mark.parametrize(
    ("mappings", "found"),
    [
        ({}, []),
        ({"integration.request.header.a": "stageVariables.none"}, []),
        ({"integration.request.header": "'x'"}, []),
        (
            {"integration.request.header.a": "'x'", "integration.request.querystring.b": "stageVariables.fn"},
            [("a", ["x"]), ("b", ["classify"])],
        ),
    ],
)
def test_what_is_not_there_is_not_mapped(mappings: dict[str, str], found: list[Any]) -> None:
    read = within(10, lambda: list(read_mappings(compile_mappings(mappings), sources())))
    assert [(mapped.name, values) for mapped, values in read] == found


@pytest.mark.parametrize(("length", "fits"), [(MAX_MAPPED - 1, True), (MAX_MAPPED, False)])
def test_mappings_have_a_size(length: int, fits: bool) -> None:
    mappings = compile_mappings({"integration.request.header.a": f"'{'x' * length}'"})
    if fits:
        assert len(list(read_mappings(mappings, sources()))) == 1
    else:
        with pytest.raises(ConfigurationError, match="too large"):
            list(read_mappings(mappings, sources()))
