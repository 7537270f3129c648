"""torchrun's part: the ranks of a job that is distributed over its hosts, and their variables."""

from __future__ import annotations

import os

from sagehen.trainingtoolkit.environment import TrainingEnvironment
from sagehen.trainingtoolkit.failure import ToolkitError

# SageMaker's master port; the network is the job's own, so jobs side by side may all use it.
MASTER_PORT = 7777
# What starts a process for each GPU, with its rank in the variables that torch.distributed reads. The SDK v2
# sends pytorchddp on the largest GPU types under the name of SageMaker's own library (2.257: its choice).
_LAUNCHERS = {
    "sagemaker_torch_distributed_enabled": "torch_distributed",
    "sagemaker_pytorch_ddp_enabled": "pytorchddp",
    "sagemaker_distributed_dataparallel_enabled": "smdistributed.dataparallel",
}
# Launchers of AWS's images that have no counterpart here.
_UNBUILT = {
    "sagemaker_mpi_enabled": "mpi",
    "sagemaker_parameter_server_enabled": "parameter_server",
    "sagemaker_multi_worker_mirrored_strategy_enabled": "multi_worker_mirrored_strategy",
    "sagemaker_pytorch_xla_multi_worker_enabled": "pytorchxla",
}


def launcher(environment: TrainingEnvironment) -> str | None:
    """Return the name of the distribution that this host runs, of those that torchrun stands for.

    SageMaker's data parallel library itself is not here: a script that imports it fails at that line, one
    that keeps to torch.distributed runs.

    Raises:
        ToolkitError: It asks for a launcher that is not built.
    """
    asked = environment.framework_parameters
    for name, distribution in _UNBUILT.items():
        if _true(asked.get(name)):
            raise ToolkitError(
                f"distribution {distribution} is not implemented; use "
                'distribution={"torch_distributed": {"enabled": True}}'
            )
    # Of instance groups, only those that the estimator's distribution names run it.
    if environment.current_group not in environment.distribution_groups:
        return None
    return next((called for name, called in _LAUNCHERS.items() if _true(asked.get(name))), None)


def ranks(environment: TrainingEnvironment) -> list[dict[str, str]]:
    """Return the variables of each process on this host: one per GPU, or one. All hosts have as many.

    Example: two hosts without GPUs give `algo-2` one process of RANK 1 and WORLD_SIZE 2.
    """
    nodes = environment.distribution_hosts
    node_rank = nodes.index(environment.current_host)
    per_node = max(1, environment.num_gpus)
    world = len(nodes) * per_node
    shared = {
        **meeting_place(environment),
        "WORLD_SIZE": str(world),
        "LOCAL_WORLD_SIZE": str(per_node),
        "GROUP_RANK": str(node_rank),
        "GROUP_WORLD_SIZE": str(len(nodes)),
        "ROLE_NAME": "default",
        "ROLE_WORLD_SIZE": str(world),
        "TORCHELASTIC_RUN_ID": "none",
        "TORCHELASTIC_RESTART_COUNT": "0",
        "TORCHELASTIC_MAX_RESTARTS": "0",
        # Rank 0 opens the rendezvous store itself: there is no agent that holds one.
        "TORCHELASTIC_USE_AGENT_STORE": "False",
    }
    if per_node > 1:
        shared["OMP_NUM_THREADS"] = "1"  # torchrun's default, lest every rank take every core
    return [
        shared | {"LOCAL_RANK": str(local), "RANK": str(rank), "ROLE_RANK": str(rank)}
        for local in range(per_node)
        for rank in (node_rank * per_node + local,)
    ]


def network_variables(environment: TrainingEnvironment) -> dict[str, str]:
    """Return what makes collective libraries use the job's network, as the PyTorch images set it.

    The address of the first host is there for scripts that connect the hosts themselves.
    """
    name = environment.network_interface_name
    return {
        "GLOO_SOCKET_IFNAME": name,
        "NCCL_SOCKET_IFNAME": name,
        "NCCL_IB_DISABLE": "1",
        "NCCL_DEBUG": "WARN",
        **meeting_place(environment),
    }


def meeting_place(environment: TrainingEnvironment) -> dict[str, str]:
    """Return where the processes meet: the first host; by address where the platform cannot name hosts."""
    told = os.environ.get("SAGEHEN_HOST_ADDRESSES", "")
    addresses = dict(entry.split("=", 1) for entry in told.split(",") if entry)
    first = environment.master_host
    port = os.environ.get("SAGEHEN_MASTER_PORT", str(MASTER_PORT))
    return {"MASTER_ADDR": addresses.get(first, first), "MASTER_PORT": port}


def _true(value: object) -> bool:
    return value is True or str(value).lower() == "true"
