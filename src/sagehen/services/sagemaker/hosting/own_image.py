"""One instance that serves on an image of one's own: `docker run IMAGE serve`, written down as data.

Source: SageMaker Developer Guide, "Custom Inference Code with Hosting Services": the command `serve`, port
8080, GET /ping, POST /invocations, the model in /opt/ml/model. Everything else is the image's.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sagehen.domain.ports.compute.container_images import ContainerImage
from sagehen.domain.scope import Scope
from sagehen.executors.base import Mount, Network, SandboxSpec
from sagehen.services.sagemaker.hosting.folder import InstanceFolder
from sagehen.services.sagemaker.hosting.served import Served
from sagehen.services.sagemaker.instances import environment as instance_environment
from sagehen.services.sagemaker.instances import limits as instance_limits
from sagehen.services.sagemaker.instances.surroundings import Surroundings
from sagehen.services.sagemaker.jobs import own_image as own_images

# Documented: as above; a container cannot choose.
PORT = 8080
# Documented (ProductionVariant's model, VolumeSizeInGB, is for other sizes): what an instance's volume has
# where nothing else is said. From memory: 30 GB.
_VOLUME_MIB = 30 * 1024


def spec_of(
    scope: Scope,
    served: Served,
    instance_id: str,
    folder: InstanceFolder,
    model: Path | None,
    image: ContainerImage,
    network: Network,
    around: Surroundings,
) -> SandboxSpec:
    """Return what to run for one instance.

    Args:
        model: The untarred model. Read-only inside: all instances of the variant share it. None: it serves
            several, which come into a folder of the instance's.
        network: Its own; nobody but the router gets in.
    """
    kind, limits = instance_limits.on_this_host(served.instance_type, around.cpus_per_instance)
    isolated = served.network_isolation
    variables = own_images.variables(image, scope, limits, around, isolated=isolated, hosts=())
    variables |= {
        # Documented for containers that may be told a port; this one is always told the usual one.
        "SAGEMAKER_BIND_TO_PORT": str(PORT),
        "SAGEMAKER_SAFE_PORT_RANGE": f"{PORT}-{PORT + 999}",
        **({} if model else {"SAGEMAKER_MULTI_MODEL": "true"}),
    }
    data = Mount(model, "/opt/ml/model") if model else Mount(folder.models, "/opt/ml/models")
    role = () if isolated else (Mount(folder.role, instance_environment.ROLE),)
    return SandboxSpec(
        name=instance_id,
        folder=folder.sandbox,
        command=own_images.command_of(image, argument="serve"),
        limits=replace(limits, disk_mib=_VOLUME_MIB),
        environment=variables | dict(served.environment),
        mounts=(data, *role, *instance_environment.trust(around)),
        working_directory=image.working_directory,
        network=network,
        gpus=around.gpu_types.share(kind),
        home=image.home,
        image=own_images.root_of(image, folder.root),
    )
