"""How x-amz-copy-source names an object."""

from __future__ import annotations

from sagehen.services.s3.objects.copy_source import CopySource


def test_copy_sources() -> None:
    assert CopySource.parse("/b/a%20b/c?versionId=v") == CopySource("b", "a b/c", "v")
    assert CopySource.parse("b/k%3FversionId=x") == CopySource("b", "k?versionId=x")
