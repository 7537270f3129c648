"""Which method answers which path."""

from __future__ import annotations

import pytest

from sagehen.services.apigateway.data_plane.routing import Router
from tests.unit.apigateway.data_plane.house import House, api, method

TREE = {
    "/": [method()],
    "/pets": [method(), method(verb="POST")],
    "/pets/{id}": [method()],
    "/pets/{id}/toys": [method()],
    "/pets/mine": [method()],
    "/files/{path+}": [method(verb="ANY")],
    "/{proxy+}": [method(verb="ANY"), method(verb="DELETE")],
}


@pytest.mark.parametrize(
    ("verb", "path", "resource", "parameters"),
    [
        ("GET", "/", "/", {}),
        ("GET", "/pets", "/pets", {}),
        ("GET", "/pets/", "/pets", {}),
        ("GET", "/pets/7", "/pets/{id}", {"id": "7"}),
        ("GET", "/pets/mine", "/pets/mine", {}),
        ("GET", "/pets/a%20b", "/pets/{id}", {"id": "a%20b"}),
        ("GET", "/p%65ts", "/pets", {}),
        ("GET", "/pets/7/toys", "/pets/{id}/toys", {"id": "7"}),
        ("GET", "/pets/mine/toys", "/pets/{id}/toys", {"id": "mine"}),
        ("PUT", "/files/a/b.txt", "/files/{path+}", {"path": "a/b.txt"}),
        ("PUT", "/pets/7", "/{proxy+}", {"proxy": "pets/7"}),
        ("GET", "/pets/7/toys/1", "/{proxy+}", {"proxy": "pets/7/toys/1"}),
        ("GET", "/files", "/{proxy+}", {"proxy": "files"}),
    ],
)
def test_precedence(verb: str, path: str, resource: str, parameters: dict[str, str]) -> None:
    route = Router(api(TREE).resources).find(path, verb)
    assert route is not None
    assert (route.resource.path, dict(route.path_parameters)) == (resource, parameters)


def test_a_verb_of_its_own_goes_before_any() -> None:
    route = Router(api(TREE).resources).find("/elsewhere", "DELETE")
    assert route is not None
    assert route.method.http_method == "DELETE"


@pytest.mark.parametrize(("verb", "path"), [("POST", "/"), ("GET", "/pets/1/2"), ("GET", "/nothing")])
def test_nothing_answers(verb: str, path: str) -> None:
    few = {key: value for key, value in TREE.items() if key != "/{proxy+}"}
    assert Router(api(few).resources).find(path, verb) is None


async def test_an_unknown_route_looks_like_a_missing_token() -> None:
    response = await House(api({"/": [method()]})).call("GET", "/nowhere")
    assert response.status == 403
    assert response.body == b'{"message":"Missing Authentication Token"}'
    assert response.header("x-amzn-ErrorType") == "MissingAuthenticationTokenException"
    assert response.header("x-amzn-RequestId") == "11111111-2222-4333-8444-555555555555"
    assert response.header("x-amz-apigw-id")


async def test_an_unknown_stage_is_forbidden() -> None:
    house = House(api({"/": [method()]}))
    house.view = None
    response = await house.call()
    assert (response.status, response.body) == (403, b'{"message":"Forbidden"}')
    assert response.header("x-amzn-ErrorType") == "ForbiddenException"


def test_a_deep_path_does_not_recurse_beyond_the_tree() -> None:
    route = Router(api(TREE).resources).find("/x" * 20000, "GET")
    assert route is not None
    assert route.resource.path == "/{proxy+}"
