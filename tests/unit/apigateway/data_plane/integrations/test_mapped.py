"""Integrations that map: MOCK, and AWS with functions."""

from __future__ import annotations

import asyncio
import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagehen.api.bounded import budget
from tests.unit.apigateway.data_plane.house import answer, failed, mapped, message_of


async def test_a_preflight_by_mock() -> None:
    headers = {
        "method.response.header.Access-Control-Allow-Origin": "'*'",
        "method.response.header.Access-Control-Allow-Methods": "'GET,OPTIONS'",
    }
    running = mapped(
        answer("204", None, headers),
        kind="MOCK",
        verb="OPTIONS",
        request_templates={"application/json": "{statusCode: 204}"},
    )
    response = await running.call("OPTIONS", "/", headers={"Origin": "http://a"})
    assert (response.status, response.body) == (204, b"")
    assert response.header("Access-Control-Allow-Origin") == "*"
    assert response.header("Access-Control-Allow-Methods") == "GET,OPTIONS"


async def test_a_page_by_mock() -> None:
    page = answer(
        "200",
        None,
        {"method.response.header.Content-Type": "'text/html'"},
        {"text/html": "<p>$context.stage</p>"},
    )
    response = await mapped(page, kind="MOCK", verb="GET").call(
        "GET", "/", headers={"Accept": "text/html,*/*"}
    )
    assert (response.status, response.body) == (200, b"<p>prod</p>")
    assert response.header("content-type") == "text/html"


async def test_mock_chooses_by_status() -> None:
    running = mapped(
        answer("200"),
        answer("404", "4\\d\\d", None, {"application/json": '{"no": 1}'}),
        kind="MOCK",
        verb="GET",
        request_templates={"application/json": '{"statusCode": $input.params("s")}'},
    )
    assert (await running.call("GET", "/?s=200")).status == 200
    assert (await running.call("GET", "/?s=418")).body == b'{"no": 1}'
    broken = await running.call("GET", "/?s=abc")
    assert (broken.status, message_of(broken)) == (500, {"message": "Internal server error"})


async def test_the_event_is_the_body() -> None:
    running = mapped()
    running.functions.behave = lambda event: {"got": event, "extra": "keys are fine here"}
    response = await running.call("POST", "/", {"a": 1})
    assert running.functions.events == [{"a": 1}]
    assert message_of(response) == {"got": {"a": 1}, "extra": "keys are fine here"}


async def test_templates_on_both_ways() -> None:
    running = mapped(
        answer(
            "200",
            None,
            {"method.response.header.X-Got": "integration.response.body.got"},
            {"application/json": '{"n": $input.path("$.got")}'},
        ),
        request_templates={"application/json": '{"v": $input.json("$.v"), "id": "$input.params(\'id\')"}'},
        path="/p/{id}",
    )
    running.functions.behave = lambda event: {"got": event["v"] + 1}
    response = await running.call("POST", "/p/a%20b", {"v": 1})
    assert running.functions.events == [{"v": 1, "id": "a b"}]
    assert (message_of(response), response.header("X-Got")) == ({"n": 2}, "2")


@pytest.mark.parametrize(
    ("behavior", "content_type", "status"),
    [
        ("WHEN_NO_MATCH", "text/plain", 200),
        ("WHEN_NO_TEMPLATES", "text/plain", 415),
        ("NEVER", "text/plain", 415),
        ("NEVER", "application/json; charset=utf-8", 200),
        ("NEVER", None, 200),
    ],
)
async def test_passthrough(behavior: str, content_type: str | None, status: int) -> None:
    running = mapped(request_templates={"application/json": "{}"}, passthrough_behavior=behavior)
    headers = {"Content-Type": content_type} if content_type else {}
    response = await running.call("POST", "/", '"text"', headers)
    assert response.status == status
    if status == 415:
        assert message_of(response) == {"message": "Unsupported Media Type"}
    elif behavior == "WHEN_NO_MATCH":
        assert running.functions.events == ["text"]


async def test_without_any_template_nothing_is_refused() -> None:
    running = mapped(passthrough_behavior="WHEN_NO_TEMPLATES")
    assert (await running.call("POST", "/", '"x"', {"Content-Type": "text/plain"})).status == 200


async def test_patterns_choose_by_the_error_message() -> None:
    running = mapped(
        answer("200"),
        answer("404", "Not found.*", None, {"application/json": '{"m": "$input.path(\'$.errorMessage\')"}'}),
        answer("500", ".*Error.*"),
    )
    running.functions.behave = lambda event: failed("Not found: x")
    response = await running.call("POST", "/", {})
    assert (response.status, message_of(response)) == (404, {"m": "Not found: x"})
    running.functions.behave = lambda event: failed("an Error of sorts")
    assert (await running.call("POST", "/", {})).status == 500
    running.functions.behave = lambda event: failed("something else")
    assert (await running.call("POST", "/", {})).status == 200


async def test_no_response_fits() -> None:
    running = mapped(answer("404", "x"))
    response = await running.call("POST", "/", {})
    assert (response.status, message_of(response)) == (500, {"message": "Internal server error"})


async def test_overrides() -> None:
    running = mapped(
        answer(
            "200",
            None,
            {},
            {
                "application/json": "#set($context.responseOverride.status = 418)"
                "#set($context.responseOverride.header.X-T = 'tea')short and stout"
            },
        ),
    )
    response = await running.call("POST", "/", {})
    assert (response.status, response.body, response.header("X-T")) == (418, b"short and stout", "tea")


async def test_an_override_with_a_list_sets_a_header_for_each() -> None:
    template = "#set($context.responseOverride.header.X-T = ['milk', 'tea'])"
    running = mapped(
        answer("200", None, {"method.response.header.X-T": "'coffee'"}, {"application/json": template})
    )
    response = await running.call("POST", "/", {})
    assert [value for name, value in response.headers if name == "X-T"] == ["milk", "tea"]


@pytest.mark.parametrize(
    "value",
    [
        "[1..99999]",
        "$a",  # of 2^60 parts
        "[$b, $b, $b]",
    ],
)
@pytest.mark.parametrize(
    "place", ["requestOverride.querystring", "requestOverride.header", "responseOverride.header"]
)
async def test_overrides_are_no_larger_than_headers_may_be(value: str, place: str) -> None:
    template = (
        "#set($a=[1])#foreach($i in [1..60])#set($a=[$a,$a])#end"
        "#set($b='aaaaaaaa')#foreach($i in [1..20])#set($b=$b.concat($b))#end"
        f"#set($context.{place}.x = {value})" + '{"statusCode": 200}'
    )
    templates = {"application/json": template}
    if place.startswith("request"):
        running = mapped(kind="MOCK", verb="GET", request_templates=templates)
    else:
        running = mapped(answer("200", None, {}, templates), kind="MOCK", verb="GET")
    response = await running.call("GET", "/")
    assert (response.status, message_of(response)) == (500, {"message": "Internal server error"})


async def test_an_overridden_header_is_one_line() -> None:
    template = (
        '#set($n = $util.urlDecode("X-A%0D%0AX-B"))#set($context.responseOverride.header[$n] = '
        '$util.urlDecode("a%0D%0AX-C: c"))'
    )
    response = await mapped(
        answer("200", None, {}, {"application/json": template}), kind="MOCK", verb="GET"
    ).call("GET", "/")
    assert ("X-A  X-B", "a  X-C: c") in response.headers


@pytest.mark.parametrize("status", ["'9999'", "'²²²'", "99", "true", "[200]"])
async def test_a_status_that_is_none_overrides_nothing(status: str) -> None:
    template = f"#set($context.responseOverride.status = {status})"
    running = mapped(
        answer("201", None, {}, {"application/json": template}),
        kind="MOCK",
        verb="GET",
        request_templates={"application/json": '{"statusCode": 201}'},
    )
    assert (await running.call("GET", "/")).status == 201


async def test_a_template_that_is_begun_again_starts_afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that takes longer than the event loop lends is done again in a thread."""
    monkeypatch.setattr(budget, "INLINE_S", 0.0)
    own = "$context.requestOverride.header"
    count = f"#if({own}.NAME)#set({own}.NAME = 'again')#{{else}}#set({own}.NAME = 'once')#end"
    count += "#foreach($i in [1..100])#set($x = $i)#end"
    first, second = count.replace("NAME", "first"), count.replace("NAME", "second")
    running = mapped(
        answer("200", None, {}, {"application/json": f"{second}{own}.first {own}.second"}),
        kind="MOCK",
        verb="GET",
        request_templates={"application/json": first + '{"statusCode": 200}'},
    )
    assert (await running.call("GET", "/")).body == b"once once"


async def test_an_event_that_nobody_waits_for() -> None:
    running = mapped(
        answer("202"), request_parameters={"integration.request.header.X-Amz-Invocation-Type": "'Event'"}
    )
    response = await running.call("POST", "/", {"later": True})
    assert (response.status, running.functions.queued, running.functions.events) == (
        202,
        [{"later": True}],
        [],
    )


async def test_an_image_as_text_and_back() -> None:
    """CONVERT_TO_TEXT lets a template put an image into an event; CONVERT_TO_BINARY brings one back."""
    image = bytes(range(256))
    running = mapped(
        answer("200", None, {"method.response.header.Content-Type": "'image/png'"}, {}, "CONVERT_TO_BINARY"),
        snapshot={"binary_media_types": ("image/png",)},
        content_handling="CONVERT_TO_TEXT",
        request_templates={"image/png": '{"image": "$input.body"}'},
    )
    from sagehen.domain.ports.compute.functions import FunctionResult

    running.functions.behave = lambda event: FunctionResult(event["image"].encode(), None, "1")
    response = await running.call("POST", "/", image, {"Content-Type": "image/png", "Accept": "image/png"})
    assert base64.b64decode(running.functions.events[0]["image"]) == image
    assert (response.body, response.header("content-type")) == (image, "image/png")


async def test_a_bad_template_is_the_apis_own_fault() -> None:
    running = mapped(request_templates={"application/json": "#foreach($i in [1..2000])x#end"})
    response = await running.call("POST", "/", {})
    assert (response.status, message_of(response)) == (500, {"message": "Internal server error"})


async def test_the_response_template_reads_what_the_request_template_overrode() -> None:
    request_template = (
        '#set($name = "a")#set($context.requestOverride.querystring[$name] = "set")'
        '#set($x = $context.requestOverride.querystring.put("b", "put"))'
        '#set($context["requestOverride"].path["c"] = "nested")'
        '{"statusCode": 200}'
    )
    seen = "$context.requestOverride"
    template = f"{seen}.querystring.a {seen}.querystring.b {seen}.path.c"
    running = mapped(
        answer("200", None, {}, {"application/json": template}),
        kind="MOCK",
        verb="GET",
        request_templates={"application/json": request_template},
    )
    assert (await running.call("GET", "/")).body == b"set put nested"


@pytest.mark.parametrize("behavior", ["WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"])
async def test_a_template_that_was_left_empty_passes_the_body_through(behavior: str) -> None:
    running = mapped(
        answer("200", None, {}, {"application/json": None}),
        request_templates={"application/json": None},
        passthrough_behavior=behavior,
    )
    response = await running.call("POST", "/", body=b'{"in": 1}')
    assert (response.status, response.body) == (200, b'{"statusCode": 200, "body": "ok"}')
    assert running.functions.events == [{"in": 1}]


# --- the mapper under any input -------------------------------------------------------------------

EXPRESSIONS = st.sampled_from(
    [
        "method.request.header.X",
        "method.request.querystring.a b",
        "method.request.path.id",
        "method.request.multivaluequerystring.q",
        "method.request.multivalueheader.X",
        "method.request.body",
        "method.request.body.a.b",
        "method.request.body.$..*",
        "method.request.body.$[",
        "context.identity.sourceIp",
        "context.identity",
        "context.nothing.at.all",
        "stageVariables.k",
        "'static'",
        "''",
        "'",
        "",
        "nonsense",
        "method.request.",
        "integration.response.header.x",
    ]
)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            [
                "integration.request.header.A",
                "integration.request.querystring.b",
                "integration.request.path.c",
                "integration.request.header.",
                "x",
            ]
        ),
        EXPRESSIONS,
    ),
    st.binary(max_size=60) | st.sampled_from([b'{"a":{"b":[1]}}', b"null", b"[" * 5000]),
    st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), max_size=30),
    st.lists(
        st.tuples(st.sampled_from(["X", "x", "Content-Type", "Accept"]), st.text(max_size=10)), max_size=4
    ),
)
def test_any_request_gets_an_answer(
    mappings: dict[str, str], body: bytes, tail: str, headers: list[tuple[str, str]]
) -> None:
    running = mapped(
        kind="MOCK",
        path="/{id+}",
        request_parameters=mappings,
        request_templates={"application/json": '{"statusCode": 200}', "$default": '{"statusCode": 201}'},
    )
    response = asyncio.run(running.call("POST", f"/x{tail}", body, headers))
    assert response.status in (200, 403), response.body
    assert json.loads(response.body or b"{}") is not None
