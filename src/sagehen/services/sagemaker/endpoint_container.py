"""One endpoint instance as a SandboxSpec: SageMaker's hosting contract, written down as data.

The role's credentials come through a `credential_process` that reads a file which the platform
renews: an endpoint outlives any session, and every AWS SDK asks again before the keys expire.
"""

from __future__ import annotations

import json
from pathlib import Path

import sagehen
from sagehen.domain.identity import Credentials
from sagehen.executors.base import Mount, Network, SandboxSpec
from sagehen.executors.door import door_environment
from sagehen.services.sagemaker import images, instance_limits
from sagehen.services.sagemaker.endpoint import Endpoint, EndpointVariant
from sagehen.services.sagemaker.endpoint_folder import InstanceFolder
from sagehen.services.sagemaker.surroundings import Surroundings

_RUN = "/run/sagehen"
_ROLE = "/opt/sagehen/role"
_PACKAGES = "/opt/sagehen/packages"
_OWN_CODE = "/opt/sagehen/python"
_CA_FILE = "/opt/sagehen/ca.pem"
_PORT = 8080


def write_role(folder: InstanceFolder, credentials: Credentials) -> None:
    """Write the role's credentials where the instance's SDKs find them. Blocking."""
    document = {
        "Version": 1,
        "AccessKeyId": credentials.access_key_id,
        "SecretAccessKey": credentials.secret_access_key,
        "SessionToken": credentials.session_token,
    }
    if credentials.expiration is not None:
        document["Expiration"] = credentials.expiration.isoformat()
    _replace(folder.role / "credentials.json", json.dumps(document))
    _replace(folder.role / "config", f"[default]\ncredential_process = cat {_ROLE}/credentials.json\n")


def _replace(path: Path, text: str) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(text)
    # The instance runs under another uid; the data folder above is closed to everybody else.
    partial.chmod(0o644)
    partial.rename(path)


def spec_of(
    endpoint: Endpoint,
    variant: EndpointVariant,
    instance_id: str,
    folder: InstanceFolder,
    model: Path,
    surroundings: Surroundings,
) -> SandboxSpec:
    """Return what to run for one instance.

    Args:
        model: The untarred model. Read-only inside: all instances of the variant share it.
    """
    image = images.resolve(variant.image, "inference")
    kind, limits = instance_limits.on_this_host(variant.instance_type, surroundings.cpus_per_instance)
    environment = {
        "AWS_REGION": endpoint.scope.region,
        "AWS_DEFAULT_REGION": endpoint.scope.region,
        "PYTHONPATH": _OWN_CODE,
        "SAGEHEN_CPUS": f"{limits.cpus:g}",
        "SAGEHEN_FRAMEWORK": image.framework,
        "SAGEHEN_PACKAGES": _PACKAGES,
        "OMP_NUM_THREADS": str(max(1, int(limits.cpus))),
        "SAGEMAKER_BIND_TO_PORT": str(_PORT),
        "SAGEMAKER_SAFE_PORT_RANGE": f"{_PORT}-{_PORT + 999}",
        **surroundings.pip.environment,
    }
    if not variant.network_isolation:
        ca_file = _CA_FILE if surroundings.ca_file is not None else None
        environment |= door_environment(surroundings.platform_port, ca_file)
        environment["AWS_CONFIG_FILE"] = f"{_ROLE}/config"
    return SandboxSpec(
        name=instance_id,
        folder=folder.sandbox,
        command=(
            "python", "-m", "sagehen.modelserver",
            "--uds", f"{_RUN}/server.sock", "--port", str(_PORT),
        ),
        limits=limits,
        environment=environment | dict(variant.environment),
        mounts=_mounts(folder, model, surroundings),
        working_directory="/opt/ml/model",
        network=Network(instance_id, platform_door=not variant.network_isolation),
        warm_parent=image.warm_parent,
        gpus=kind.gpus,
    )  # fmt: skip


def _mounts(folder: InstanceFolder, model: Path, surroundings: Surroundings) -> tuple[Mount, ...]:
    package = Path(sagehen.__file__).parent
    mounts = [
        Mount(model, "/opt/ml/model"),
        Mount(folder.run, _RUN, writable=True),
        Mount(folder.packages, _PACKAGES, writable=True),
        Mount(folder.role, _ROLE),
        # The model server alone: the platform's other rooms are nothing to a model.
        Mount(package / "__init__.py", f"{_OWN_CODE}/sagehen/__init__.py"),
        Mount(package / "modelserver", f"{_OWN_CODE}/sagehen/modelserver"),
        *surroundings.pip.mounts,
    ]
    if surroundings.ca_file is not None:
        mounts.append(Mount(surroundings.ca_file, _CA_FILE))
    return tuple(mounts)
