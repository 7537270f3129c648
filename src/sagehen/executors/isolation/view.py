"""What a sandboxed process sees of the file system, as data.

One description, two ways to make it true: `bubblewrap` turns it into arguments, the warm
parent's child into mounts of its own. So both kinds of sandbox see exactly the same.
"""

from __future__ import annotations

import importlib.util
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

import sagehen
from sagehen.executors.base import SandboxSpec

HOME = "/home/job"
_MIB = 1024 * 1024

# Read-only pieces of /etc that libraries look for: certificates, the loader's cache, the time zone.
_ETC = (
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


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the view, applied in order.

    Args:
        kind: `ro`, `rw` (binds of `source`), `device` (bind that may be opened as a device),
            `symlink` (`source` is the link's text), `tmpfs`, `folder`, `passage` (a folder that can be
            walked through but not listed), `proc`, `dev`.
        target: As seen inside.
        size: Bytes, for tmpfs; 0 means the kernel's default.
    """

    kind: str
    target: str
    source: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class PythonEnvironment:
    """The interpreter that jobs get: ours, read-only.

    Args:
        executable: Absolute path of the interpreter, the same inside and outside.
        folders: What must be visible for it to work.
    """

    executable: str
    folders: tuple[Path, ...]

    @property
    def path(self) -> str:
        """The PATH that finds `python` and `pip` of this environment first."""
        return f"{Path(self.executable).parent}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    def steps(self, packages: tuple[str, ...] | None) -> list[Step]:
        """Return what shows the environment, with all that is installed or with `packages` alone.

        An environment that is not a virtual one cannot be shown in part: then all of it is seen.
        """
        configuration = Path(sys.prefix, "pyvenv.cfg")
        if packages is None or not configuration.is_file():
            return [Step("ro", str(folder), str(folder)) for folder in self.folders]
        bases = [folder for folder in self.folders if Path(sys.base_prefix).is_relative_to(folder)]
        seen = [*bases, configuration, Path(self.executable)]
        seen += [path for name in packages if (path := installed_at(name)) is not None]
        return [Step("ro", str(path), str(path)) for path in seen]


@lru_cache
def installed_at(package: str) -> Path | None:
    """Return the folder or file of an installed top-level package or module, or None. Imports nothing."""
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        return None
    path = Path(found.origin)
    path = path.parent if found.submodule_search_locations else path
    return path if path.is_relative_to(sysconfig.get_path("purelib")) else None


def own_python_environment() -> PythonEnvironment:
    """Return the environment that the platform itself runs in, with its own package."""
    package = Path(sagehen.__file__).parent
    candidates = (Path(sys.base_prefix), Path(sys.base_exec_prefix), Path(sys.prefix), package)
    folders: list[Path] = []
    for candidate in candidates:
        # /usr is there anyway, and a prefix of / would show the host's whole file system.
        seen = (Path("/usr"), *folders)
        if candidate != Path("/") and not any(candidate.is_relative_to(folder) for folder in seen):
            folders.append(candidate)
    return PythonEnvironment(sys.executable, tuple(folders))


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
    for name in _ETC:
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
) -> list[Step]:
    """Return everything that `spec`'s process sees, in the order of mounting.

    Args:
        spec: The sandbox.
        system: Of `system_steps`.
        python: The environment to show.
        etc: A folder with the sandbox's own passwd, group, hosts, resolv.conf and nsswitch.conf.
        gpu_devices: Device files that it may open.
    """
    for mount in spec.mounts:
        # Targets are made below the new root while it is still a folder of the host's.
        if not mount.target.startswith("/") or ".." in PurePosixPath(mount.target).parts:
            raise ValueError(f"A mount's target must be absolute and plain: {mount.target!r}")
    steps = list(system)
    steps += [Step("ro", f"/etc/{file.name}", str(file)) for file in sorted(etc.iterdir())]
    steps += [Step("proc", "/proc"), Step("dev", "/dev")]
    steps += [Step("device", device, device) for device in gpu_devices]
    tmp_bytes = spec.limits.tmp_mib * _MIB
    steps.append(Step("tmpfs", "/tmp", size=tmp_bytes))
    if not spec.only_tmp:
        steps += [
            Step("tmpfs", "/dev/shm", size=spec.limits.shm_mib * _MIB),
            Step("tmpfs", "/var/tmp", size=tmp_bytes),
            Step("tmpfs", "/run", size=16 * _MIB),
            Step("tmpfs", HOME, size=tmp_bytes),
        ]
    binds = python.steps(spec.packages)
    # Outer targets first: /opt/ml before /opt/ml/input/data.
    for mount in sorted(spec.mounts, key=lambda mount: Path(mount.target).parts):
        binds.append(Step("rw" if mount.writable else "ro", mount.target, str(mount.source)))
    for bind in binds:
        steps += _parents(bind, steps)
        steps.append(bind)
    return steps


def _parents(bind: Step, before: list[Step]) -> list[Step]:
    """Return the folders to make above a bind, down from the last mount that is already there.

    What is shown at its place on the host (an environment in somebody's home, whose scripts and
    compiled paths name that place) tells nobody who lists the folders above it whose that is.
    """
    mounted = {Path(step.target) for step in before if step.kind not in ("folder", "passage", "symlink")}
    bound = {Path(step.target) for step in before if step.kind in ("ro", "rw")}
    made: list[Step] = []
    for parent in Path(bind.target).parents:
        if parent == Path("/") or parent in mounted:
            if parent in bound:  # what lies in a bind is there already, and may be read-only
                made = [Step("folder", step.target) for step in made]
            break
        # Within an environment shown in part, Python lists the folders to import from them; pip lists
        # every folder of sys.path, a clone's `src` too, and ends where it may not.
        listed = (sys.prefix, sys.base_prefix, _IMPORTED_FROM)
        own = str(parent) in _OWN_FOLDERS or any(map(parent.is_relative_to, listed))
        # Below a mount it is the mount's own folder, and perhaps read-only (pip's certificates in /etc/ssl).
        own = own or not mounted.isdisjoint(parent.parents)
        hidden = bind.source == bind.target and not own
        made.append(Step("passage" if hidden else "folder", str(parent)))
    return made[::-1]


def etc_files(spec: SandboxSpec, uid: int, gid: int) -> dict[str, str]:
    """Return the sandbox's own files in /etc, by name."""
    hostname = spec.hostname or spec.name
    hosts = {"localhost": "127.0.0.1", **(spec.network.hosts if spec.network else {})}
    hosts.setdefault(hostname, "127.0.0.1")
    user = spec.user_name
    return {
        "passwd": f"root:x:0:0:root:/root:/usr/sbin/nologin\n{user}:x:{uid}:{gid}:{user}:{HOME}:/bin/sh\n",
        "group": f"root:x:0:\n{user}:x:{gid}:\n",
        "hosts": "".join(f"{address}\t{name}\n" for name, address in hosts.items()),
        "hostname": f"{hostname}\n",
        # Names outside are the proxy's to resolve; asking a server that is not there fails at once.
        "resolv.conf": "options timeout:1 attempts:1\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\nservices: files\n",
    }


def complete_environment(spec: SandboxSpec, python: PythonEnvironment) -> dict[str, str]:
    """Return all variables of the process: the spec's, and what every program expects to find."""
    defaults = {
        "PATH": python.path,
        "HOME": HOME,
        "USER": "job",
        "LANG": "C.UTF-8",
        "TMPDIR": "/tmp",
        "PYTHONUNBUFFERED": "1",
        # Cores are shared here; see `warm.parent.PASSIVE_WAITING`.
        "OMP_WAIT_POLICY": "PASSIVE",
    }
    if spec.own_variables_only:
        defaults = {name: defaults[name] for name in ("PATH", "OMP_WAIT_POLICY")}
    return {**defaults, **spec.environment}
