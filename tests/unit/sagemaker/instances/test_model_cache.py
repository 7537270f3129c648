"""The operator's models: read by every instance, changed by none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sagehen.services.sagemaker.instances import model_cache
from sagehen.trainingtoolkit import failure


def _cache(folder: Path) -> Path:
    (folder / "torch/hub/checkpoints").mkdir(parents=True)
    (folder / "torch/hub/checkpoints/resnet.pth").write_bytes(b"weights")
    (folder / "private").mkdir()
    return folder


def test_an_instance_has_links_of_its_own_to_the_shared_files(tmp_path: Path) -> None:
    cache, packages = _cache(tmp_path / "cache"), tmp_path / "packages"
    model_cache.link(cache, packages, mounted=False)
    own = packages / "models/torch/hub/checkpoints/resnet.pth"
    model_cache.link(cache, tmp_path / "inside", mounted=True)
    inside = tmp_path / "inside/models/torch/hub/checkpoints/resnet.pth"
    assert str(inside.readlink()) == "/opt/sagehen/models/torch/hub/checkpoints/resnet.pth"
    assert own.is_symlink() and own.read_bytes() == b"weights"
    (own.parent / "another.pth").write_bytes(b"downloaded")
    assert [path.name for path in (cache / "torch/hub/checkpoints").iterdir()] == ["resnet.pth"]


async def test_a_job_sees_the_cache_read_only_and_nothing_beside_it(platform: Any, tmp_path: Path) -> None:
    cache = _cache(tmp_path / "cache")
    object.__setattr__(platform.runs._means.surroundings, "model_cache", cache)
    await platform.create()
    await platform.ended()
    spec = platform.executor.started[0].spec
    assert spec.environment["TORCH_HOME"] == "/opt/sagehen/packages/models/torch"
    assert "HF_HOME" not in spec.environment
    (mount,) = [mount for mount in spec.mounts if mount.source.is_relative_to(cache)]
    assert (mount.source, mount.target, mount.writable) == (
        cache / "torch",
        "/opt/sagehen/models/torch",
        False,
    )


def test_a_failed_download_is_told_from_other_failures() -> None:
    assert "--model-cache" in str(failure.advice("urllib.error.URLError: <urlopen error [Errno -3] ...>"))
    assert failure.advice("ValueError: no such class") is None
