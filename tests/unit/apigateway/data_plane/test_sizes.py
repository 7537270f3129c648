"""What little text makes much of: each bound by itself, without the clock that would end it later."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sagehen.api.bounded.budget import BudgetSpent, within
from sagehen.api.user_patterns import InvalidPattern, UserPattern
from sagehen.services.apigateway.data_plane import gateway_responses
from sagehen.services.apigateway.data_plane.failures import ConfigurationError
from sagehen.services.apigateway.data_plane.integrations.http import url_of
from sagehen.services.apigateway.data_plane.logs.access import line_of
from sagehen.services.apigateway.data_plane.mapping import json_values
from sagehen.services.apigateway.data_plane.mapping.json_values import TooLarge, check_size, same
from sagehen.services.apigateway.data_plane.mapping.jsonpath import InvalidJsonPath, compile_path
from sagehen.services.apigateway.data_plane.velocity import bounds
from sagehen.services.apigateway.data_plane.velocity.parser import TemplateError
from sagehen.services.apigateway.data_plane.velocity.variables import UtilVariable
from sagehen.services.apigateway.snapshot.apis import GatewayResponse
from tests.unit.apigateway.data_plane.house import House, answer, api, mapped, message_of, method
from tests.unit.apigateway.data_plane.velocity.test_templates import run


def shared(levels: int) -> list[Any]:
    """A list of two lists of two lists …: small, and 2^levels values where it is written."""
    value: list[Any] = [1]
    for _ in range(levels):
        value = [value, value]
    return value


@pytest.mark.parametrize(
    "template",
    [
        "#foreach($i in [1..20])#set($l=[1..99])#end",
        "#set($l=[])#foreach($i in [1..200])#set($d=$l.add($i))#end",
        "#set($m={})#foreach($i in [1..200])#set($d=$m.put($i, 1))#end",
        "#set($t='aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')#foreach($i in [1..200])#set($u=$t.concat($t))#end",
        "#set($t='aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')#foreach($i in [1..200])#set($u=$t+$t)#end",
        "#foreach($i in [1..200])#set($m={'a': 1, 'b': 2})#end",
        "#foreach($i in [1..200])#set($t=$input.json('$'))#end",
    ],
)
def test_a_template_makes_so_much_and_no_more(template: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run(template)
    monkeypatch.setattr(bounds, "_MAX_MADE", 10_000)
    with pytest.raises(TemplateError, match="makes too much"):
        run(template)


def test_values_count_as_often_as_they_stand_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_values, "MAX_VALUES", 1000)
    monkeypatch.setattr(json_values, "MAX_TEXT", 1000)
    check_size(shared(8))
    assert same(shared(8), shared(8)) and not same(shared(8), [1])
    refused: list[Callable[[], object]] = [
        lambda: check_size(shared(12)),
        lambda: check_size(["x" * 600] * 2),
        lambda: check_size({"x" * 1100: 1}),
        lambda: check_size(1 << 8000),
        lambda: same(shared(12), shared(12)),
    ]
    for work in refused:
        with pytest.raises(TooLarge):
            work()


def test_a_path_visits_so_many_values() -> None:
    hundred_thousand = [list(range(101))] * 1000
    assert len(compile_path("$[*]").find(hundred_thousand, None)) == 1000
    with pytest.raises(InvalidJsonPath, match="too many"):
        compile_path("$[*][*]").find(hundred_thousand, None)
    with pytest.raises(InvalidJsonPath, match="characters"):
        compile_path("$" + ".a" * 600)


def test_what_cannot_be_broken_off_is_not_begun() -> None:
    methods = UtilVariable().velocity_methods()
    for name, text in (("parseJson", "[1]"), ("urlEncode", "a"), ("urlDecode", "%41")):
        methods[name](text)
        with pytest.raises(BudgetSpent):
            within(0.001, methods[name], text * 1_000_000)


def test_a_replacement_becomes_so_long() -> None:
    pattern = UserPattern("(a+)")
    assert pattern.sub(r"\g<1>\g<1>", "aab", longest=7) == "aaaab"  # with what it replaces
    with pytest.raises(InvalidPattern, match="too long"):
        pattern.sub(r"\g<1>\g<1>", "aab", longest=6)


def refusing(template: str, parameters: dict[str, str] | None = None) -> House:
    custom = GatewayResponse(
        "MISSING_AUTHENTICATION_TOKEN", "418", parameters or {}, {"text/plain": template}
    )
    return House(api({"/": [method()]}, gateway_responses={custom.response_type: custom}))


async def test_a_gateway_response_becomes_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway_responses, "MAX_TEXT", 10_000)
    fits = await refusing("<$method.request.body>").call("GET", "/nowhere", b"x" * 5000)
    assert (fits.status, fits.body) == (418, b"<" + b"x" * 5000 + b">")
    for running in (
        refusing("$method.request.body$method.request.body"),
        refusing("", {"gatewayresponse.header.X-All": "method.request.body"}),
    ):
        own = await running.call("GET", "/nowhere", b"x" * 70_000)
        assert (own.status, message_of(own)) == (403, {"message": "Missing Authentication Token"})


async def test_mappings_come_to_so_much() -> None:
    """Of the request they end it before anybody is called, of the answer after."""
    to_function = mapped(request_parameters={"integration.request.header.X-All": "method.request.body"})
    to_client = mapped(answer("200", None, {"method.response.header.X-All": "integration.response.body"}))
    to_client.functions.behave = lambda event: "x" * len(event["text"])
    for running, called in ((to_function, 0), (to_client, 1)):
        body = json.dumps({"text": "x" * 70_000})
        assert (await running.call("POST", "/", body)).status == 500
        assert len(running.functions.events) == called
        assert (await running.call("POST", "/", '{"text": "x"}')).status == 200


def test_values_in_a_url_come_to_so_much() -> None:
    assert url_of("http://h/{a}?b={a}", {"a": "x y"}, {"q": ["1"]}) == "http://h/x%20y?b=x%20y&q=1"
    with pytest.raises(ConfigurationError, match="URL is too large"):
        url_of("http://h/" + "{a}" * 100, {"a": "x" * 1000}, {})


def test_a_line_of_an_access_log_ends() -> None:
    assert line_of("$context.path $context.none", {"path": "/a"}) == "/a -"
    assert len(line_of("$context.path" * 1000, {"path": "x" * 10_000})) == 256 * 1024
