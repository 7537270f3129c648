"""What a program finds about itself: its own files in /etc, and its variables."""

from __future__ import annotations

from sagehen.executors.base import SandboxSpec
from sagehen.executors.isolation.python import PythonEnvironment

# What container engines set where an image says nothing.
_IMAGE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def etc_files(spec: SandboxSpec, uid: int, gid: int) -> dict[str, str]:
    """Return the sandbox's own files in /etc, by name."""
    hostname = spec.hostname or spec.name
    hosts = {"localhost": "127.0.0.1", **(spec.network.hosts if spec.network else {})}
    hosts.setdefault(hostname, "127.0.0.1")
    user, home = spec.user_name, spec.home
    # The first name of a number is the one that `whoami` tells.
    others = "".join(f"{name}:x:{uid}:{gid}:{name}:{at}:/bin/sh\n" for name, at in spec.other_users.items())
    files = {
        "passwd": f"root:x:0:0:root:/root:/usr/sbin/nologin\n{user}:x:{uid}:{gid}:{user}:{home}:/bin/sh\n"
        + others,
        "group": f"root:x:0:\n{user}:x:{gid}:\n",
        "hosts": "".join(f"{address}\t{name}\n" for name, address in hosts.items()),
        "hostname": f"{hostname}\n",
        # Names outside are the proxy's to resolve; asking a server that is not there fails at once.
        "resolv.conf": "options timeout:1 attempts:1\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\nservices: files\n",
    }
    if spec.has_own_users:  # who may log in is its own to change, or an image's to say
        return {name: files[name] for name in ("hosts", "hostname", "resolv.conf")}
    return files


def complete_environment(spec: SandboxSpec, python: PythonEnvironment) -> dict[str, str]:
    """Return all variables of the process: the spec's, and what every program expects to find."""
    if spec.image is not None:
        return complete_image_environment(spec)
    defaults = {
        "PATH": python.path,
        "HOME": spec.home,
        "USER": spec.user_name,
        "LANG": "C.UTF-8",
        "TMPDIR": "/tmp",
        "PYTHONUNBUFFERED": "1",
        # Cores are shared here; see `warm.preload.PASSIVE_WAITING`.
        "OMP_WAIT_POLICY": "PASSIVE",
    }
    if spec.own_variables_only:
        defaults = {name: defaults[name] for name in ("PATH", "OMP_WAIT_POLICY")}
    return {**defaults, **spec.environment}


def complete_image_environment(spec: SandboxSpec) -> dict[str, str]:
    """Return all variables of a process on an image: the spec's, and those that container engines set."""
    defaults = {"PATH": _IMAGE_PATH, "HOME": spec.home, "HOSTNAME": spec.hostname or spec.name}
    return {**defaults, **spec.environment}
