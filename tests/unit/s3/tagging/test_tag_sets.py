"""What tags may be."""

from __future__ import annotations

import pytest

from sagehen.api.errors import ServiceError
from sagehen.services.s3.tagging.tag_sets import BUCKET_TAGS, OBJECT_TAGS, parse_tag_set, parse_tagging_header


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        ("", {}),
        ("a=b", {"a": "b"}),
        ("a=b&c=", {"a": "b", "c": ""}),
        ("a%20b=%2B%2D%3D", {"a b": "+-="}),
        ("name=vögel", {"name": "vögel"}),
    ],
)
def test_headers(header: str, tags: dict[str, str]) -> None:
    assert parse_tagging_header(header) == tags


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("a=b&a=c", "InvalidArgument"),
        ("a=%3C", "InvalidArgument"),
        ("&", "InvalidArgument"),
        ("&".join(f"k{n}=v" for n in range(11)), "BadRequest"),
        (f"{'k' * 129}=v", "InvalidTag"),
        (f"k={'v' * 257}", "InvalidTag"),
        ("aws:k=v", "InvalidTag"),
    ],
)
def test_refused_headers(header: str, code: str) -> None:
    with pytest.raises(ServiceError) as refused:
        parse_tagging_header(header)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("tags", "limit", "code", "message"),
    [
        ([("k", "v")] * 2, OBJECT_TAGS, "InvalidTag", "multiple Tags with the same key"),
        ([("", "v")], OBJECT_TAGS, "InvalidTag", "TagKey"),
        ([("k", "<")], OBJECT_TAGS, "InvalidTag", "TagValue"),
        ([("aws:k", "v")], OBJECT_TAGS, "InvalidTag", "cannot be prefixed with aws:"),
        ([("aws:k", "v")], BUCKET_TAGS, "InvalidTag", "System tags"),
        ([(f"{n}", "v") for n in range(11)], OBJECT_TAGS, "BadRequest", "cannot be greater than 10"),
        ([(f"{n}", "v") for n in range(51)], BUCKET_TAGS, "BadRequest", "cannot be greater than 50"),
    ],
)
def test_refused_sets(tags: list[tuple[str, str]], limit: int, code: str, message: str) -> None:
    with pytest.raises(ServiceError) as refused:
        parse_tag_set([{"Key": key, "Value": value} for key, value in tags], limit)
    assert refused.value.code == code and message in refused.value.message


def test_as_many_as_there_may_be() -> None:
    tags = [{"Key": "k" * 120 + f"{n}", "Value": "v" * 256} for n in range(50)]
    assert len(parse_tag_set(tags, BUCKET_TAGS)) == 50
