"""A tracking server's process as a SandboxSpec, and its folders: MLflow's own command line alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sagehen.executors.base import Limits, Mount, Network, SandboxSpec
from sagehen.services.sagemaker.instances import environment as instance_environment
from sagehen.services.sagemaker.instances.server_folder import ServerFolder
from sagehen.services.sagemaker.instances.surroundings import Surroundings
from sagehen.services.sagemaker.tracking_servers.programs import Program
from sagehen.services.sagemaker.tracking_servers.tracking_server import TrackingServer

_DATA, _RUN = "/opt/sagehen/tracking", "/run/sagehen"
# Ours: AWS tells how many users a size is for. Two processes of MLflow's take half a gigabyte.
LIMITS = {
    "Small": Limits(cpus=1.0, memory_mib=1536, processes=512, disk_mib=10 * 1024),
    "Medium": Limits(cpus=2.0, memory_mib=3072, processes=512, disk_mib=50 * 1024),
    "Large": Limits(cpus=4.0, memory_mib=6144, processes=512, disk_mib=100 * 1024),
}


@dataclass(frozen=True, slots=True)
class TrackingFolder(ServerFolder):
    """Paths of one tracking server. What is in `data` stays for as long as its record does."""

    @property
    def data(self) -> Path:
        return self.root / "data"

    def make(self) -> None:
        """Make the folders for a start. Blocking."""
        ServerFolder.make(self)
        self.data.mkdir(exist_ok=True)


def spec_of(
    server: TrackingServer, folder: TrackingFolder, program: Program, around: Surroundings
) -> SandboxSpec:
    """Return what to run."""
    limits = LIMITS[server.settings.size]
    variables = instance_environment.environment(server.scope, limits, around, isolated=False)
    name = f"tracking-{server.id}"
    return SandboxSpec(
        name=name,
        folder=folder.sandbox,
        command=(
            "python", "-m", "mlflow", "server",
            "--backend-store-uri", f"sqlite:///{_DATA}/mlflow.db",
            "--default-artifact-root", server.settings.artifacts,
            # Clients bring artifacts to the bucket themselves; the page has them read by the role.
            "--no-serve-artifacts",
            "--workers", "1",
            "--uvicorn-opts", f"--uds {_RUN}/server.sock",
        ),
        limits=limits,
        environment={
            **variables,
            "MLFLOW_DISABLE_TELEMETRY": "true",
            # Jobs of MLflow's own are processes that nothing here asks for.
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        },
        mounts=(
            Mount(folder.data, _DATA, writable=True),
            Mount(folder.run, _RUN, writable=True),
            *instance_environment.mounts(around, folder.packages, folder.role),
        ),
        working_directory=_DATA,
        network=Network(name),
        python=program.interpreter,
    )  # fmt: skip
