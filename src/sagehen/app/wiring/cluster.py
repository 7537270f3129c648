"""The cluster of `--cluster`: imported where somebody asks for it, and nowhere else."""

from __future__ import annotations

import os
from importlib.util import find_spec

from sagehen.app.data_folder import DataFolder
from sagehen.app.settings import Settings, SettingsError
from sagehen.cluster.authority.authority import Authority
from sagehen.cluster.cluster import Cluster
from sagehen.cluster.entrance import CannotOpen, Entrance
from sagehen.cluster.executor.executor import ClusterExecutor
from sagehen.cluster.settings import ClusterSettings
from sagehen.domain.clock import SystemClock
from sagehen.domain.ids import Ids
from sagehen.executors.base import Executor, OpenDoor
from sagehen.executors.hardware.gpus import gpu_indices

_MIB = 2**20
# Of the authority's pin: what tells one platform from another at a Ray that both have joined.
_MARK_DIGITS = 8


def cluster_of(
    settings: Settings,
    folder: DataFolder,
    ids: Ids,
    local: Executor,
    port: int,
    open_door: OpenDoor,
    isolated_door: OpenDoor,
) -> tuple[ClusterExecutor, Cluster]:
    """Build it.

    Raises:
        SettingsError: It cannot be here; the message says why.
    """
    assert settings.cluster is not None
    if find_spec("ray") is None:
        raise SettingsError("--cluster places instances with Ray: pip install 'sagehen[cluster]'")
    if settings.sandbox == "off":
        raise SettingsError("--cluster and --sandbox off: what runs on nodes runs in sandboxes")
    if settings.model_cache is not None:
        raise SettingsError("--cluster and --model-cache: nodes do not see that folder")
    executor = ClusterExecutor(
        folder.runtime / "cluster",
        local,
        platform_port=port,
        open_door=open_door,
        isolated_door=isolated_door,
        life=ids.hex(16),
    )
    ray = None
    if settings.ray is not None:
        authority = Authority(folder.authority)
        authority.ensure()
        ray = settings.ray, authority.pin[:_MARK_DIGITS]
    memory_mib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _MIB
    cluster = Cluster(
        ClusterSettings(settings.cluster[0], folder.root / "cluster", settings.spread_jobs, ray),
        executor,
        SystemClock(),
        cpus=len(os.sched_getaffinity(0)),
        memory_mib=memory_mib,
        gpus=len(gpu_indices()),
    )
    return executor, cluster


async def open_cluster(settings: Settings, folder: DataFolder, cluster: Cluster) -> None:
    """Let nodes reach the platform.

    Raises:
        SettingsError: They cannot; the message says why.
    """
    assert settings.cluster is not None
    host, port = settings.cluster
    try:
        entrance = Entrance(
            folder.authority, host, port, cluster.handlers, cluster.linked, cluster.porter,
            cluster.registry.is_known,
        )  # fmt: skip
        await cluster.start(entrance)
    except CannotOpen as error:
        raise SettingsError(str(error)) from error
