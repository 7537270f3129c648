"""Which URIs name something in S3, and where objects land below a channel's folder."""

from __future__ import annotations

import pytest

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.transfers import uris
from sagehen.services.sagemaker.transfers.names import relative_path


@pytest.mark.parametrize(
    ("prefix", "key", "path"),
    [
        ("a/train", "a/train/x.jpg", "x.jpg"),
        ("a/train/", "a/train/dog/x.jpg", "dog/x.jpg"),
        ("a/tr", "a/train/x.jpg", "train/x.jpg"),
        ("a/train.csv", "a/train.csv", "train.csv"),
        ("train", "train-00.csv", "train-00.csv"),
        ("", "deep/x.jpg", "deep/x.jpg"),
    ],
)
def test_paths_within_a_channel(prefix: str, key: str, path: str) -> None:
    assert relative_path(prefix, key) == path


@pytest.mark.parametrize(
    ("uri", "parts"),
    [
        ("s3://bucket", ("bucket", "")),
        ("s3://bucket/", ("bucket", "")),
        ("s3://bucket/a/b", ("bucket", "a/b")),
        ("https://bucket.s3.us-east-1.amazonaws.com/a/b", ("bucket", "a/b")),
        ("https://s3.us-east-1.amazonaws.com/bucket/a/b", ("bucket", "a/b")),
        ("https://s3-us-west-2.amazonaws.com/bucket/a", ("bucket", "a")),
    ],
)
def test_s3_uris(uri: str, parts: tuple[str, str]) -> None:
    assert uris.split(uri) == parts


@pytest.mark.parametrize("uri", ["file:///etc/passwd", "bucket/key", "https://example.com/a"])
def test_what_is_no_s3_uri(uri: str) -> None:
    with pytest.raises(ValidationException):
        uris.split(uri)
