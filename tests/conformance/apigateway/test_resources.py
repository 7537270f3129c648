"""The tree of resources."""

from __future__ import annotations

from typing import Any

from tests.conformance.apigateway.calls import refusal, replace


def test_the_tree_of_resources(gateway: Any, api: dict[str, Any]) -> None:
    where = {"restApiId": api["restApiId"]}
    pets = gateway.create_resource(**where, parentId=api["root"], pathPart="pets")
    assert (pets["path"], pets["parentId"]) == ("/pets", api["root"])
    pet = gateway.create_resource(**where, parentId=pets["id"], pathPart="{petId}")
    moved = gateway.update_resource(**where, resourceId=pets["id"], **replace("/pathPart", "dogs"))
    assert moved["path"] == "/dogs"
    assert gateway.get_resource(**where, resourceId=pet["id"])["path"] == "/dogs/{petId}"
    paths = [one["path"] for one in gateway.get_resources(**where)["items"]]
    assert paths == ["/", "/dogs", "/dogs/{petId}"]
    gateway.delete_resource(**where, resourceId=pets["id"])
    assert gateway.get_resources(**where)["items"] == [{"id": api["root"], "path": "/"}]


def test_resources_that_cannot_be(gateway: Any, api: dict[str, Any]) -> None:
    where = {"restApiId": api["restApiId"]}
    pets = gateway.create_resource(**where, parentId=api["root"], pathPart="pets")["id"]
    inner = gateway.create_resource(**where, parentId=pets, pathPart="pets")["id"]
    greedy = gateway.create_resource(**where, parentId=api["root"], pathPart="{proxy+}")["id"]
    create, update = gateway.create_resource, gateway.update_resource
    assert refusal(create, **where, parentId=api["root"], pathPart="pets") == (
        "ConflictException",
        "Another resource with the same parent already has this name: pets",
        409,
    )
    assert refusal(create, **where, parentId="nothing", pathPart="x") == (
        "NotFoundException",
        "Invalid Resource identifier specified",
        404,
    )
    for parent, part, message in (
        (
            api["root"],
            "{other}",
            "A sibling ({proxy+}) of this resource already has a variable path part -- only one is allowed",
        ),
        (greedy, "x", "Cannot create a child of a resource with a greedy path variable: {proxy+}"),
    ):
        assert refusal(create, **where, parentId=parent, pathPart=part)[1] == message
    assert refusal(create, **where, parentId=pets, pathPart="a/b")[0] == "BadRequestException"
    for resource, operation, message in (
        (pets, replace("/parentId", inner), "Resources cannot be cyclical."),
        (api["root"], replace("/pathPart", "x"), "Root resource cannot update its pathPart."),
        (
            pets,
            replace("/invalid", "x"),
            "Invalid patch path  '/invalid' specified for op 'replace'."
            " Must be one of: [/parentId, /pathPart]",
        ),
        (
            pets,
            replace("/pathPart", op="remove"),
            "Invalid patch path  '/pathPart' specified for op 'remove'. Please choose supported operations",
        ),
    ):
        assert refusal(update, **where, resourceId=resource, **operation)[1] == message
