"""Model data that is no archive: which keys become which files, and what fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from sagehen.domain.ports.storage.objects import NoSuchObject
from sagehen.services.sagemaker.models.uncompressed import UnusableFiles, bring

from ..conftest import SESSION, FakeObjects


async def _bring(folder: Path, *keys: str, uri: str = "s3://b/m/", is_prefix: bool = True) -> set[str]:
    objects = FakeObjects()
    for key in keys:
        objects.put(f"s3://b/{key}", key.encode())
    await bring(objects, SESSION, uri, folder, is_prefix=is_prefix)
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


async def test_a_prefix_becomes_a_folder(tmp_path: Path) -> None:
    assert await _bring(tmp_path, "m/weights", "m/code/a/b.py", "other") == {"weights", "code/a/b.py"}


async def test_an_object_becomes_a_file_of_its_last_name(tmp_path: Path) -> None:
    assert await _bring(tmp_path, "m/weights", uri="s3://b/m/weights", is_prefix=False) == {"weights"}


@pytest.mark.parametrize(
    "key", ["", "a//b", "a/", ".", "../x", "a/../x", " ", "n" * 256, "/".join("a" * 101)]
)
async def test_names_that_no_file_has_fail(tmp_path: Path, key: str) -> None:
    with pytest.raises(UnusableFiles, match="is not the name of a file"):
        await _bring(tmp_path, f"m/{key}")


@pytest.mark.parametrize("keys", [("m/a", "m/a/b"), ("m/a/b", "m/a/b/c")])
async def test_a_file_that_is_also_a_folder_fails(tmp_path: Path, keys: tuple[str, str]) -> None:
    with pytest.raises(UnusableFiles, match="a folder of others"):
        await _bring(tmp_path, *keys)


async def test_nothing_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(NoSuchObject):
        await _bring(tmp_path, "other")
