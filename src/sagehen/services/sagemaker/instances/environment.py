"""What every training and serving container finds around it: folders, packages, the door, its role.

The role's credentials are not among the variables, as they are not on AWS, where containers ask a
relative URI that only AWS's own network answers. Here the SDK's shared configuration names a
`credential_process` that prints a file which `roles.credentials` renews: botocore, the CLI and the
SDKs of other languages all know it and ask again before the keys expire, so that a job or endpoint
keeps its rights however long it runs. Keys among the variables would win over it and go stale.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import sagehen
from sagehen.domain.scope import Scope
from sagehen.executors.base import Interpreter, Limits, Mount
from sagehen.executors.isolation.python import installed_at
from sagehen.executors.network.door import door_environment, trust_mounts
from sagehen.services.sagemaker.instances import model_cache
from sagehen.services.sagemaker.instances.surroundings import Surroundings

# Folders of the platform's own in a container; AWS's are all below /opt/ml, and users' code owns that.
ROLE = "/opt/sagehen/role"
PACKAGES = "/opt/sagehen/packages"
STAND_INS = "/opt/sagehen/stand_ins"
START = "/opt/sagehen/start"
_TRUST = "/opt/sagehen/trust"
OWN_CODE = "/opt/sagehen/python"
# With which the model server speaks HTTP: compiled for one Python, and they need nothing themselves.
_FRONT_PACKAGES = ("httptools", "uvloop")


def environment(
    scope: Scope, limits: Limits, around: Surroundings, *, isolated: bool, hosts: Iterable[str] = ()
) -> dict[str, str]:
    """Return the variables that jobs and endpoints share.

    Args:
        limits: Of one instance.
        isolated: EnableNetworkIsolation: neither door nor credentials.
        hosts: Names in the instance's own network.
    """
    threads = str(max(1, int(limits.cpus)))
    variables = {
        # Documented: SageMaker Developer Guide, environment variables of training and hosting containers.
        "AWS_REGION": scope.region,
        "AWS_DEFAULT_REGION": scope.region,
        # A share of the host's cores, not all that the libraries can see.
        "OMP_NUM_THREADS": threads,
        **around.pip.environment,
        **model_cache.environment(around.model_cache, PACKAGES),
    }
    if not isolated:
        trust = None if around.ca_file is None else _TRUST
        variables |= door_environment(around.platform_port, trust, hosts)
        variables |= {"AWS_CONFIG_FILE": f"{ROLE}/config", "SAGEHEN_ROLE": ROLE}
    return variables


def model_cache_names(around: Surroundings) -> tuple[str, ...]:
    """Return the variables that name caches of models of the host's."""
    return tuple(model_cache.environment(around.model_cache, PACKAGES))


def mounts(around: Surroundings, packages: Path, role: Path | None) -> list[Mount]:
    """Return the mounts that jobs and endpoints share.

    Args:
        packages: The instance's own folder for what pip installs.
        role: The folder that `roles.credentials` writes to; None under EnableNetworkIsolation (documented: no
            AWS credentials are made available to the container then).
    """
    shared = [Mount(packages, PACKAGES, writable=True), *around.pip.mounts]
    shared += [Mount(role, ROLE)] if role is not None else []
    shared += model_cache.mounts(around.model_cache)
    return shared + trust(around)


def trust(around: Surroundings) -> list[Mount]:
    """Return the mounts by which programs trust the platform's own authority."""
    return [] if around.ca_file is None else trust_mounts(around.ca_file, _TRUST)


def site(python: Interpreter | None) -> str:
    """Return where pip puts what a container's requirements.txt asks for."""
    major, minor = sys.version_info[:2] if python is None else python.version
    return f"{PACKAGES}/lib/python{major}.{minor}/site-packages"


def own_code(room: str, python: Interpreter | None) -> tuple[Mount, ...]:
    """Return the mounts of Sagehen's code that runs in front of people's; they are below `OWN_CODE`.

    Args:
        room: `modelserver` or `trainingtoolkit`.
        python: In another Python than ours, which may lack what the model server needs.
    """
    package = Path(sagehen.__file__).parent
    # The model server tells pip what the toolkit would.
    names = ["__init__.py", "trainingtoolkit", *([room] if room != "trainingtoolkit" else [])]
    mounts = [Mount(package / name, f"{OWN_CODE}/sagehen/{name}") for name in names]
    if room == "modelserver" and python is not None and python.version == sys.version_info[:2]:
        found = ((name, installed_at(name)) for name in _FRONT_PACKAGES)
        mounts += [Mount(path, f"{OWN_CODE}/{name}") for name, path in found if path is not None]
    return tuple(mounts)


def stand_in_names(room: str) -> frozenset[str]:
    """Return the modules that `stand_ins` provides."""
    inside = Path(sagehen.__file__).parent / room / "inside"
    return frozenset(path.name for path in inside.iterdir() if path.name != "__pycache__")


def start() -> Mount:
    """Return the mount of what every Python of a training job runs as it starts."""
    return Mount(Path(sagehen.__file__).parent / "trainingtoolkit" / "start", START)


@cache
def stand_ins(room: str, python: Interpreter | None = None) -> tuple[Mount, ...]:
    """Return a mount of the small stand-ins for packages that AWS's images bring along.

    They are on the path of containers alone. Where one is really installed, it is left to be found.

    Args:
        room: `modelserver` or `trainingtoolkit`; its folder `inside` holds them.
        python: In which they might be installed; None: ours.
    """
    mount = Mount(Path(sagehen.__file__).parent / room / "inside", STAND_INS)
    if python is None:
        return () if any(map(installed_at, stand_in_names(room))) else (mount,)
    major, minor = python.version
    prefix = Path(python.executable).parents[1]
    packages = prefix / "lib" / f"python{major}.{minor}" / "site-packages"
    return () if any((packages / name).exists() for name in stand_in_names(room)) else (mount,)
