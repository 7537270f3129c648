"""Paths and ranges of the registry's protocol."""

from __future__ import annotations

import pytest

from sagehen.services.ecr.distribution.routes import Route, asked_bytes, route_of, sent_bytes

D = "sha256:" + "0" * 64
U = "12345678-1234-1234-1234-123456789012"


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/v2", Route("base")),
        ("/v2/", Route("base")),
        ("/v2/_catalog", Route("catalog")),
        ("/v2/a/b/blobs/uploads/", Route("uploads", "a/b")),
        ("/v2/a/b/blobs/uploads", Route("uploads", "a/b")),
        (f"/v2/a/b/blobs/uploads/{U}", Route("upload", "a/b", U)),
        (f"/v2/ab/blobs/{D}", Route("blob", "ab", D)),
        (f"/v2/ab/blobs/{D.replace(':', '%3A')}", Route("blob", "ab", D)),
        ("/v2/ab/manifests/latest", Route("manifest", "ab", "latest")),
        ("/v2/ab/tags/list", Route("tags", "ab")),
        (f"/v2/ab/referrers/{D}", Route("referrers", "ab", D)),
        ("/v2/blobs/uploads/manifests/tags/list", Route("tags", "blobs/uploads/manifests")),
        ("/v2/ab/blobs/uploads/../../x", None),
        ("/v2/AB/tags/list", None),
        ("/v2/../ab/tags/list", None),
        ("/v2/a%2F..%2Fb/tags/list", None),
        ("/v2/a\0b/tags/list", None),
        ("/v2/" + "a-" * 500 + "/tags/list", None),
        ("/v2/ab", None),
        ("/v2//tags/list", None),
    ],
)
def test_a_path_means(path: str, route: Route | None) -> None:
    assert route_of(path) == route


@pytest.mark.parametrize(
    ("header", "asked"),
    [
        (None, None),
        ("bytes=0-3", (0, 4)),
        ("bytes=8-", (8, 2)),
        ("bytes=8-99", (8, 2)),
        ("bytes=-3", (7, 3)),
        ("bytes=-99", (0, 10)),
        ("bytes=-", None),
        ("bytes=0-1,4-5", None),
        ("items=0-1", None),
        ("bytes=10-", ValueError),
        ("bytes=5-2", ValueError),
        ("bytes=-0", ValueError),
    ],
)
def test_a_range_of_ten_bytes(header: str | None, asked: object) -> None:
    if asked is ValueError:
        with pytest.raises(ValueError):
            asked_bytes(header, 10)
    else:
        assert asked_bytes(header, 10) == asked


def test_what_is_sent() -> None:
    assert sent_bytes(None) is None
    assert sent_bytes("0-99") == sent_bytes("bytes 0-99/*") == (0, 99)
    for text in ("9-0", "a-b", "0-", "-1", "0-1-2"):
        with pytest.raises(ValueError):
            sent_bytes(text)
