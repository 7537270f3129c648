"""Signature Version 2 as botocore makes it."""

from __future__ import annotations

import pytest
from botocore.auth import HmacV1Auth

from sagehen.gateway.signatures.sigv2 import resource_paths, string_to_sign


def test_every_subresource_that_botocore_signs_is_signed() -> None:
    query = "&".join(f"{name}=1" for name in HmacV1Auth.QSAOfInterest)
    signed = string_to_sign("GET", "/b/k", query + "&other=1", {}, "7").rpartition("?")[2]
    assert signed == "&".join(f"{name}=1" for name in sorted(HmacV1Auth.QSAOfInterest))


@pytest.mark.parametrize(
    ("query", "headers", "text"),
    [
        ("", {}, "GET\n\n\n7\n/b/k"),
        ("acl", {"content-type": "a/b", "content-md5": "m"}, "GET\nm\na/b\n7\n/b/k?acl"),
        ("x-amz-meta-a=b", {}, "GET\n\n\n7\nx-amz-meta-a:b\n/b/k"),  # boto3 moves headers there
        ("Content-Type=a%2Fb&Expires=9", {}, "GET\n\na/b\n7\n/b/k"),
        ("uploadId=%20x&versionId=", {}, "GET\n\n\n7\n/b/k?uploadId= x&versionId="),
        ("", {"x-amz-b": " 2 ", "x-amz-a": "1"}, "GET\n\n\n7\nx-amz-a:1\nx-amz-b:2\n/b/k"),
    ],
)
def test_what_is_signed(query: str, headers: dict[str, str], text: str) -> None:
    assert string_to_sign("GET", "/b/k", query, headers, "7") == text


@pytest.mark.parametrize(
    ("path", "paths"), [("/", ("/",)), ("/b", ("/b", "/b/")), ("/b/", ("/b/",)), ("/b/k", ("/b/k",))]
)
def test_a_bucket_may_end_with_a_slash(path: str, paths: tuple[str, ...]) -> None:
    assert resource_paths(path) == paths
