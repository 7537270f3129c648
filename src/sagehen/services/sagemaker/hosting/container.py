"""One instance that serves a model as a SandboxSpec: SageMaker's hosting contract, written down as data."""

from __future__ import annotations

from pathlib import Path

from sagehen.domain.ports.compute.container_images import ContainerImage
from sagehen.domain.scope import Scope
from sagehen.executors.base import Executor, Limits, Mount, Network, SandboxSpec
from sagehen.services.sagemaker.hosting import own_image
from sagehen.services.sagemaker.hosting.folder import InstanceFolder
from sagehen.services.sagemaker.hosting.served import Served
from sagehen.services.sagemaker.images.mapping import Image
from sagehen.services.sagemaker.instances import environment as instance_environment
from sagehen.services.sagemaker.instances import limits as instance_limits
from sagehen.services.sagemaker.instances.surroundings import Surroundings
from sagehen.serving.address import Address, PortAddress, UnixAddress

_RUN = "/run/sagehen"
_PORT = own_image.PORT
# Where AWS's containers put code that they fetched (sagemaker-containers: `code_dir`).
_CODE = "/opt/ml/code"
# Documented: the same guide; of several models, contract for custom containers.
_MODEL, _MODELS = "/opt/ml/model", "/opt/ml/models"


def spec_of(
    scope: Scope,
    variant: Served,
    instance_id: str,
    folder: InstanceFolder,
    model: Path | None,
    code: Path | None,
    image: Image,
    surroundings: Surroundings,
    own: ContainerImage | None = None,
) -> SandboxSpec:
    """Return what to run for one instance.

    Args:
        image: What stands for the variant's.
        model: The untarred model. Read-only inside: all instances of the variant share it. None: it serves
            several, which come into a folder of the instance's.
        code: The untarred code, where it is not in the model. Read-only and shared, too.
        own: The image itself, where it is one of the user's own and runs as it is.
    """
    network = _network(variant, instance_id, surroundings)
    if own is not None:
        return own_image.spec_of(scope, variant, instance_id, folder, model, own, network, surroundings)
    kind, limits = instance_limits.on_this_host(variant.instance_type, surroundings.cpus_per_instance)
    environment = {
        **instance_environment.environment(scope, limits, surroundings, isolated=variant.network_isolation),
        "PYTHONPATH": f"{instance_environment.OWN_CODE}:{instance_environment.STAND_INS}",
        # Where mounts cannot be made (`--sandbox=off`) the executor rewrites these to the host's path.
        **({"SM_MODEL_DIR": _MODEL} if model else _several(limits)),
        **({"SAGEHEN_CODE_DIR": _CODE} if code else {}),
        "SAGEHEN_CPUS": f"{limits.cpus:g}",
        "SAGEHEN_FRAMEWORK": image.framework,
        # What AWS's container answers with where a request asks for nothing.
        **({"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv"} if image.framework == "xgboost" else {}),
        "SAGEHEN_PACKAGES": instance_environment.PACKAGES,
        # Documented for multi-model and pipeline containers, which must take the port that they are given.
        "SAGEMAKER_BIND_TO_PORT": str(_PORT),
        "SAGEMAKER_SAFE_PORT_RANGE": f"{_PORT}-{_PORT + 999}",
    }
    return SandboxSpec(
        name=instance_id,
        folder=folder.sandbox,
        command=(
            "python", "-m", "sagehen.modelserver",
            "--uds", f"{_RUN}/server.sock", "--port", str(_PORT),
        ),
        limits=limits,
        environment=environment | dict(variant.environment),
        mounts=_mounts(folder, model, code, image, surroundings, isolated=variant.network_isolation),
        working_directory=_MODEL if model else _MODELS,
        network=network,
        warm_parent=image.warm_parent,
        gpus=surroundings.gpu_types.share(kind),
        python=image.interpreter,
    )  # fmt: skip


def address_of(
    executor: Executor, instance_id: str, folder: InstanceFolder, own: ContainerImage | None
) -> Address:
    """Return where the server of `spec_of` is reached."""
    if own is None:
        return UnixAddress(folder.socket)
    return PortAddress(lambda: executor.connect(instance_id, own_image.PORT))


def _several(limits: Limits) -> dict[str, str]:
    """Return the variables of a container that serves several models; the first is AWS's."""
    return {
        "SAGEMAKER_MULTI_MODEL": "true",
        "SAGEHEN_MODELS_DIR": _MODELS,
        "SAGEHEN_MEMORY_MIB": str(limits.memory_mib),
    }


def _network(variant: Served, instance_id: str, surroundings: Surroundings) -> Network:
    if variant.in_vpc and not variant.network_isolation and surroundings.isolated_door is not None:
        doors = {surroundings.platform_port: surroundings.isolated_door}
        return Network(instance_id, platform_door=False, doors=doors)
    return Network(instance_id, platform_door=not variant.network_isolation)


def _mounts(
    folder: InstanceFolder,
    model: Path | None,
    code: Path | None,
    image: Image,
    surroundings: Surroundings,
    *,
    isolated: bool,
) -> tuple[Mount, ...]:
    return (
        Mount(model, _MODEL) if model else Mount(folder.models, _MODELS),
        *((Mount(code, _CODE),) if code else ()),
        Mount(folder.run, _RUN, writable=True),
        *instance_environment.mounts(surroundings, folder.packages, None if isolated else folder.role),
        # The model server alone: the platform's other rooms are nothing to a model.
        *instance_environment.own_code("modelserver", image.interpreter),
        *instance_environment.stand_ins("modelserver", image.interpreter),
    )
