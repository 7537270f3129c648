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


CROSSED = {
    "/": [method(verb="HEAD")],
    "/a/b/c": [method()],
    "/a/{x}/d": [method()],
    "/{y}/b": [method(verb="POST")],
    "/{y}/b/{rest+}": [method()],
    "/a/{x}": [method(verb="ANY"), method(verb="OPTIONS")],
    "/s/p.q:r": [method()],
}


@pytest.mark.parametrize(
    ("verb", "path", "resource", "parameters"),
    [
        ("GET", "/a/b/c", "/a/b/c", {}),
        # A branch that ends without the path is given up: `b` is an `{x}`, too.
        ("GET", "/a/b/d", "/a/{x}/d", {"x": "b"}),
        ("GET", "/a/b/e", "/{y}/b/{rest+}", {"y": "a", "rest": "e"}),
        ("GET", "/a/b/e/f", "/{y}/b/{rest+}", {"y": "a", "rest": "e/f"}),
        # One that ends without the verb, too; but what is nearer goes first.
        ("POST", "/a/b", "/a/{x}", {"x": "b"}),
        ("POST", "/z/b", "/{y}/b", {"y": "z"}),
        ("OPTIONS", "/a/b", "/a/{x}", {"x": "b"}),
        ("GET", "/z/b/c", "/{y}/b/{rest+}", {"y": "z", "rest": "c"}),
        ("HEAD", "/", "/", {}),
        ("HEAD", "", "/", {}),
        ("GET", "/s/p.q:r", "/s/p.q:r", {}),
        ("GET", "/s/p.q%3Ar", "/s/p.q:r", {}),
        # Text is handed on as it was sent.
        ("GET", "/a/%7Bx%7D/d", "/a/{x}/d", {"x": "%7Bx%7D"}),
        ("GET", "/a/b%2Fc/d", "/a/{x}/d", {"x": "b%2Fc"}),
        ("GET", "//a/b/c//", "/a/b/c", {}),
    ],
)
def test_branches_that_are_given_up(verb: str, path: str, resource: str, parameters: dict[str, str]) -> None:
    route = Router(api(CROSSED).resources).find(path, verb)
    assert route is not None
    assert (route.resource.path, dict(route.path_parameters)) == (resource, parameters)
    assert route.method.http_method in (verb, "ANY")


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "/"),  # only HEAD is there
        ("GET", "/z/b"),  # only POST, and `{rest+}` needs a segment
        ("GET", "/a"),
        ("GET", "/z"),
        ("GET", "/a//d"),  # a parameter is never empty
        ("GET", "/S/p.q:r"),  # case counts
        ("get", "/a/b/c"),
        ("GET", "/s/p.q"),
    ],
)
def test_paths_that_lead_nowhere(verb: str, path: str) -> None:
    assert Router(api(CROSSED).resources).find(path, verb) is None


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
