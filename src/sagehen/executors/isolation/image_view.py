"""What a process on an image's root sees: the image, its own /proc and /dev, mounts, and its names."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from sagehen.executors.base import ImageRoot, SandboxSpec
from sagehen.executors.isolation.steps import Step

_MIB = 1024 * 1024


def image_view(spec: SandboxSpec, image: ImageRoot, etc: Path, gpu_devices: Iterable[str] = ()) -> list[Step]:
    """Return everything that it sees, in the order of mounting.

    Args:
        etc: A folder with the sandbox's own hosts, hostname and resolv.conf.
        gpu_devices: Device files that it may open.

    Raises:
        ValueError: A mount's target is no plain, absolute path.
    """
    # `ro-image`: nothing can be written over it, but what lies in it decides where mounts are.
    kind = "ro-image" if spec.only_tmp else "image"
    steps = [Step(kind, "/", str(image.place), layers=(str(image.folder),))]
    steps += [Step("ro", f"/etc/{file.name}", str(file)) for file in sorted(etc.iterdir())]
    steps += [Step("proc", "/proc"), Step("dev", "/dev")]
    steps += [Step("device", device, device) for device in gpu_devices]
    steps.append(Step("tmpfs", "/dev/shm", size=spec.limits.shm_mib * _MIB))
    if spec.only_tmp:
        steps.append(Step("tmpfs", "/tmp", size=spec.limits.tmp_mib * _MIB))
    # Outer targets first: /opt/ml before /opt/ml/input/data.
    for mount in sorted(spec.mounts, key=lambda mount: Path(mount.target).parts):
        if not mount.target.startswith("/") or ".." in PurePosixPath(mount.target).parts:
            raise ValueError(f"A mount's target must be absolute and plain: {mount.target!r}")
        steps.append(Step("rw" if mount.writable else "ro", mount.target, str(mount.source)))
    return steps
