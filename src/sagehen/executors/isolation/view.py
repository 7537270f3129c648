"""What a sandboxed process sees of the file system, as data.

One description, two ways to make it true: `bubblewrap` turns it into arguments, the warm
parent's child into mounts of its own. So both kinds of sandbox see exactly the same.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

import sagehen
from sagehen.executors.base import Layers, SandboxSpec
from sagehen.executors.isolation.python import PythonEnvironment
from sagehen.executors.isolation.steps import Step

_MIB = 1024 * 1024

# Read-only pieces of /etc that libraries look for: certificates, the loader's cache, the time zone.
SYSTEM_ETC = (
    "alternatives",
    "ca-certificates",
    "fonts",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "mime.types",
    "pki",
    "protocols",
    "services",
    "ssl",
)
# On usr-merged systems these are links into /usr; elsewhere they are folders.
_ROOT_FOLDERS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
# Where sandboxes have things of their own beside what is shown at its place on the host.
_OWN_FOLDERS = frozenset(("/opt", "/var"))
_IMPORTED_FROM = str(Path(sagehen.__file__).parents[1])
_NIX_STORE = Path("/nix/store")


def system_steps() -> list[Step]:
    """Probe this machine's /usr layout and return what every sandbox sees of the system."""
    steps = [Step("ro", "/usr", "/usr")]
    for name in _ROOT_FOLDERS:
        folder = Path("/", name)
        if folder.is_symlink():
            steps.append(Step("symlink", str(folder), str(folder.readlink())))
        elif folder.is_dir():
            steps.append(Step("ro", str(folder), str(folder)))
    if _NIX_STORE.is_dir():
        steps.append(Step("ro", str(_NIX_STORE), str(_NIX_STORE)))
    steps.append(Step("folder", "/etc"))
    for name in SYSTEM_ETC:
        path = Path("/etc", name)
        if path.exists():
            steps.append(Step("ro", str(path), str(path)))
    return steps


def view(
    spec: SandboxSpec,
    system: Iterable[Step],
    python: PythonEnvironment,
    etc: Path,
    gpu_devices: Iterable[str] = (),
    hides: Path | None = None,
) -> list[Step]:
    """Return everything that `spec`'s process sees, in the order of mounting.

    Args:
        spec: The sandbox.
        system: Of `system_steps`.
        python: The environment to show.
        etc: A folder with the sandbox's own passwd, group, hosts, resolv.conf and nsswitch.conf.
        gpu_devices: Device files that it may open.
        hides: The platform's data, which may lie in a folder that is shown: a virtual environment is
            somebody's project folder at times.
    """
    for mount in spec.mounts:
        # Targets are made below the new root while it is still a folder of the host's.
        if not mount.target.startswith("/") or ".." in PurePosixPath(mount.target).parts:
            raise ValueError(f"A mount's target must be absolute and plain: {mount.target!r}")
    root = next((mount for mount in spec.mounts if mount.target == "/"), None)
    steps = [] if root is None else [Step("rw", "/", str(root.source))]
    steps += system if spec.root is None else _layered(system, spec.root)
    steps += [Step("ro", f"/etc/{file.name}", str(file)) for file in sorted(etc.iterdir())]
    steps += [Step("proc", "/proc"), Step("dev", "/dev")]
    steps += [Step("device", device, device) for device in gpu_devices]
    tmp_bytes = spec.limits.tmp_mib * _MIB
    if root is None:
        steps.append(Step("tmpfs", "/tmp", size=tmp_bytes))
    if not spec.only_tmp:
        steps.append(Step("tmpfs", "/dev/shm", size=spec.limits.shm_mib * _MIB))
        if root is None:
            steps.append(Step("tmpfs", "/var/tmp", size=tmp_bytes))
        steps.append(Step("tmpfs", "/run", size=16 * _MIB))
        if root is None and spec.home not in {mount.target for mount in spec.mounts}:
            steps.append(Step("tmpfs", spec.home, size=tmp_bytes))
    binds = _hiding(python.steps(spec.packages), hides)
    # Outer targets first: /opt/ml before /opt/ml/input/data.
    for mount in sorted(spec.mounts, key=lambda mount: Path(mount.target).parts):
        if mount is root:
            continue
        binds.append(Step("rw" if mount.writable else "ro", mount.target, str(mount.source)))
    places = Places(steps)
    for bind in binds:
        steps += places.parents(bind)
        steps.append(bind)
        places.add(bind)
    if root is not None:  # whose folders are whoever runs there's own, and stay as they are
        steps = [Step("folder", step.target) if step.kind == "passage" else step for step in steps]
    return steps


def _layered(system: Iterable[Step], layers: Sequence[Layers]) -> list[Step]:
    """Return the system's steps with those places laid under what is written there."""
    steps = [
        Step("layers", each.target, str(each.place), layers=(str(each.own), str(each.host or "")))
        for each in layers
    ]
    covered = [each.target for each in layers]
    steps += [step for step in system if not any(_is_in(step.target, target) for target in covered)]
    # An overlay shows nothing of what is mounted in its folders, such as a container's GPU libraries.
    for each in layers:
        steps += [] if each.host is None else [Step("ro", at, at) for at in mounted_below(str(each.host))]
    return steps


def mounted_below(folder: str) -> list[str]:
    """Return what is mounted in a folder of the host's, the outer ones first."""
    found = []
    for line in Path("/proc/self/mountinfo").read_bytes().splitlines():
        # Documented: proc_pid_mountinfo(5); spaces and their like are octal there.
        at = os.fsdecode(line.split()[4].decode("unicode_escape").encode("latin-1"))
        if at.startswith(f"{folder}/"):
            found.append(at)
    return sorted(found)


def _hiding(binds: Iterable[Step], hides: Path | None) -> list[Step]:
    """Return the binds, and over `hides`, where one shows it, an empty folder."""
    steps: list[Step] = []
    hidden = None if hides is None else Path(os.path.realpath(hides))
    for bind in binds:
        steps.append(bind)
        source = Path(os.path.realpath(bind.source)) if bind.source else None
        if hidden is not None and source is not None and hidden.is_relative_to(source):
            place = Path(bind.target, hidden.relative_to(source))
            steps.append(Step("tmpfs", str(place), size=_MIB))
    return steps


class Places:
    """What is there already while a view grows: mounts, and the folders that were made above them.

    A function's view has 150 entries, and is made at each of its cold starts: words, and no paths.
    """

    def __init__(self, steps: Iterable[Step]) -> None:
        self._mounted: set[str] = set()
        self._bound: set[str] = set()
        self._made: dict[str, str] = {}
        for step in steps:
            self.add(step)

    def add(self, step: Step) -> None:
        """Take what was mounted; what was made below it is covered by it."""
        if step.kind in ("folder", "passage", "symlink"):
            return
        target = _plain(step.target)
        self._made = {made: kind for made, kind in self._made.items() if not made.startswith(f"{target}/")}
        self._mounted.add(target)
        if step.kind in ("ro", "rw"):
            self._bound.add(target)

    def parents(self, bind: Step) -> list[Step]:
        """Return the folders to make above a bind, down from the last mount that is already there.

        What is shown at its place on the host (an environment in somebody's home, whose scripts and
        compiled paths name that place) tells nobody who lists the folders above it whose that is.
        """
        made: list[Step] = []
        for parent in _above(bind.target):
            if parent in self._mounted:
                if parent in self._bound:  # what lies in a bind is there already, and may be read-only
                    made = [Step("folder", step.target) for step in made]
                break
            own = parent in _OWN_FOLDERS or any(_is_in(parent, folder) for folder in _listed())
            # Below a mount it is the mount's own folder, and perhaps read-only (certificates in /etc/ssl).
            own = own or not self._mounted.isdisjoint(_above(parent))
            hidden = bind.source == bind.target and not own
            made.append(Step("passage" if hidden else "folder", parent))
        new = [step for step in reversed(made) if self._made.get(step.target) != step.kind]
        self._made |= {step.target: step.kind for step in new}
        return new


def _listed() -> tuple[str, ...]:
    # Within an environment shown in part, Python lists the folders to import from them; pip lists
    # every folder of sys.path, a clone's `src` too, and ends where it may not.
    return (sys.prefix, sys.base_prefix, _IMPORTED_FROM)


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def _plain(path: str) -> str:
    return "/" + os.path.normpath(path).lstrip("/")


def _above(path: str) -> list[str]:
    """Return the folders above an absolute path, the nearest first, without the root."""
    words = _plain(path)[1:].split("/")
    return ["/" + "/".join(words[:count]) for count in range(len(words) - 1, 0, -1)]
