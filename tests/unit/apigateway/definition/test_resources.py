"""Where a resource may stand, and what path it has there."""

from __future__ import annotations

import pytest

from sagehen.domain.scope import Scope
from sagehen.services.apigateway.definition.resources import MAX_RESOURCES, add_resource, place
from sagehen.services.apigateway.documents.definition import Definition
from sagehen.services.apigateway.errors import (
    BadRequestException,
    ConflictException,
    LimitExceededException,
)


def tree(*paths: str) -> Definition:
    """Make an API with these paths, each after its parent; a resource's id is its path."""
    definition = Definition.new(Scope("111122223333", "us-east-1"), {"id": "api"}, "/")
    for path in paths:
        above, _, part = path.rpartition("/")
        add_resource(definition, path, definition.resources[above or "/"], part)
    return definition


@pytest.mark.parametrize(
    ("paths", "parent", "part"),
    [
        ((), "/", "pets"),
        ((), "/", "p.e_t-s:1"),
        ((), "/", "{id}"),
        ((), "/", "{id+}"),
        ((), "/", "{my.id-1}"),
        (("/pets",), "/pets", "pets"),
        (("/pets", "/{id}"), "/pets", "{id}"),
        (("/pets", "/pets/{id}"), "/pets", "mine"),  # a static name beside a variable one
    ],
)
def test_where_one_may_stand(paths: tuple[str, ...], parent: str, part: str) -> None:
    definition = tree(*paths)
    made = add_resource(definition, "new", definition.resources[parent], part)
    assert made["path"] == f"{parent.rstrip('/')}/{part}"
    assert definition.by_path()[made["path"]] is made


@pytest.mark.parametrize(
    ("paths", "parent", "part", "kind"),
    [
        *(
            ((), "/", part, BadRequestException)
            for part in (
                "",
                "a b",
                "a/b",
                "{",
                "{}",
                "{+}",
                "{a",
                "a}",
                "{a b}",
                "{a}b",
                "{a++}",
                "å",
                "a%20b",
            )
        ),
        (("/pets",), "/", "pets", ConflictException),
        (("/{id}",), "/", "{id}", ConflictException),
        (("/{id}",), "/", "{other}", BadRequestException),
        (("/{id}",), "/", "{proxy+}", BadRequestException),
        (("/{proxy+}",), "/", "{id}", BadRequestException),
        (("/{proxy+}",), "/{proxy+}", "a", BadRequestException),
    ],
)
def test_where_none_may_stand(paths: tuple[str, ...], parent: str, part: str, kind: type[Exception]) -> None:
    definition = tree(*paths)
    with pytest.raises(kind):
        add_resource(definition, "new", definition.resources[parent], part)


def test_what_is_below_moves_along() -> None:
    definition = tree("/a", "/a/{x}", "/a/{x}/y", "/b")
    place(definition, definition.resources["/a"], definition.resources["/b"], "c")
    assert list(definition.by_path()) == ["/", "/b", "/b/c", "/b/c/{x}", "/b/c/{x}/y"]
    place(definition, definition.resources["/a"], definition.resources["/b"], "c")  # where it is already


def test_how_many() -> None:
    definition = tree(*(f"/r{number}" for number in range(MAX_RESOURCES - 1)))
    with pytest.raises(LimitExceededException, match="is 300"):
        add_resource(definition, "new", definition.root, "one")
