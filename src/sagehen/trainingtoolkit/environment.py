"""What the container finds under /opt/ml, and the SM_* variables that scripts read."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sagehen.trainingtoolkit import hyperparameters

_LOG_LEVEL_INFO = 20
_SCRIPT_MODE = frozenset(
    {
        "sagemaker_program", "sagemaker_submit_directory", "sagemaker_enable_cloudwatch_metrics",
        "sagemaker_region", "sagemaker_container_log_level", "sagemaker_job_name",
        "default_user_module_name", "_tuning_objective_metric", "sagemaker_s3_output",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TrainingEnvironment:
    """One instance's view of its job.

    Args:
        base: `/opt/ml`, or SAGEMAKER_BASE_DIR.
        hyperparameters: The script's own, decoded.
        framework_parameters: `sagemaker_*` and `_tuning_*`, decoded.
        resource_config: `input/config/resourceconfig.json`.
        input_data_config: `input/config/inputdataconfig.json`.
        num_cpus: Cores that this instance may use.
        num_gpus: GPU devices that it sees.
    """

    base: Path
    hyperparameters: Mapping[str, Any]
    framework_parameters: Mapping[str, Any]
    resource_config: Mapping[str, Any]
    input_data_config: Mapping[str, Any]
    num_cpus: int
    num_gpus: int

    @property
    def code_dir(self) -> Path:
        return self.base / "code"

    @property
    def model_dir(self) -> Path:
        return self.base / "model"

    @property
    def output_dir(self) -> Path:
        return self.base / "output"

    @property
    def failure_file(self) -> Path:
        return self.output_dir / "failure"

    @property
    def success_file(self) -> Path:
        return self.output_dir / "success"

    @property
    def hosts(self) -> list[str]:
        return sorted(self.resource_config.get("hosts", ["algo-1"]), key=_numbered)

    @property
    def groups(self) -> dict[str, dict[str, Any]]:
        """The instance groups by name, as resourceconfig.json has them; one for a job of one type."""
        entries = self.resource_config.get("instance_groups", [])
        return {entry["instance_group_name"]: entry for entry in entries}

    @property
    def current_group(self) -> str:
        name: str = self.resource_config.get("current_group_name", "homogeneousCluster")
        return name

    @property
    def distribution_groups(self) -> list[str]:
        """The groups that are distributed over: those that the estimator named.

        Where it named none and there is a launcher, each group is by itself.
        """
        named = self.framework_parameters.get("sagemaker_distribution_instance_groups")
        if isinstance(named, list):
            return [str(name) for name in named]
        launched = any(
            name.startswith("sagemaker_") and name.endswith("_enabled") and str(value).lower() == "true"
            for name, value in self.framework_parameters.items()
        )
        return [self.current_group] if launched else []

    @property
    def distribution_hosts(self) -> list[str]:
        """The hosts of those groups; all, where nobody told of groups."""
        if not self.groups:
            return self.hosts
        return [
            host
            for name, group in self.groups.items()
            if name in self.distribution_groups
            for host in group["hosts"]
        ]

    @property
    def master_host(self) -> str:
        """Where those meet that are distributed over."""
        return (self.distribution_hosts or self.hosts)[0]

    @property
    def current_host(self) -> str:
        host: str = self.resource_config.get("current_host", "algo-1")
        return host

    @property
    def network_interface_name(self) -> str:
        name: str = self.resource_config.get("network_interface_name", "eth0")
        return name

    @property
    def user_entry_point(self) -> str | None:
        program: str | None = self.framework_parameters.get(
            "sagemaker_program", os.environ.get("SAGEMAKER_PROGRAM")
        )
        return program

    @property
    def module_dir(self) -> str:
        """Where the source came from, as the client named it."""
        folder: str = self.framework_parameters.get(
            "sagemaker_submit_directory", os.environ.get("SAGEMAKER_SUBMIT_DIRECTORY", str(self.code_dir))
        )
        return folder

    def path_of(self, named: str) -> Path:
        """Return where a path of the container's contract is: not at its name without mounts."""
        if match := re.match(r"/opt/ml/input/data/([^/]+)(/.*)?$", named):
            return Path(self._channel_dir(match[1]) + (match[2] or ""))
        if match := re.match(r"/opt/ml(/.*)?$", named):
            return Path(f"{self.base}{match[1] or ''}")
        return Path(named)

    @property
    def user_arguments(self) -> list[str]:
        return hyperparameters.arguments(self.hyperparameters)

    def variables(self) -> dict[str, str]:
        """Return every SM_* variable."""
        training_env = self._training_env()
        values: dict[str, Any] = {
            name: training_env[name]
            for name in (
                "hosts", "network_interface_name", "user_entry_point", "resource_config",
                "input_data_config", "output_data_dir", "current_host", "current_instance_type",
                "current_instance_group", "current_instance_group_hosts", "instance_groups",
                "instance_groups_dict", "distribution_instance_groups", "is_hetero", "module_name",
                "log_level", "framework_module", "input_dir", "input_config_dir", "output_dir", "num_cpus",
                "num_gpus", "num_neurons", "model_dir", "module_dir", "output_intermediate_dir",
            )
        }  # fmt: skip
        values["hps"] = dict(self.hyperparameters)
        values["framework_params"] = self._additional()
        values["channels"] = sorted(self.input_data_config)
        values["user_args"] = self.user_arguments
        values["training_env"] = training_env
        for name, folder in training_env["channel_input_dirs"].items():
            values[f"channel_{name}"] = folder
        for name, value in self.hyperparameters.items():
            values[f"hp_{name}"] = value
        return {f"SM_{name.upper()}": _text(value) for name, value in values.items()}

    def _additional(self) -> dict[str, Any]:
        """Return the framework's parameters but for script mode's own, as AWS's toolkit tells them."""
        return {name: value for name, value in self.framework_parameters.items() if name not in _SCRIPT_MODE}

    def _channel_dir(self, name: str) -> str:
        """Return a channel's folder: the platform names it where it could not be mounted in its place."""
        return os.environ.get(f"SM_CHANNEL_{name.upper()}") or str(self.base / "input" / "data" / name)

    def _training_env(self) -> dict[str, Any]:
        groups, group = self.groups, self.current_group
        program = self.user_entry_point or ""
        return {
            "additional_framework_parameters": self._additional(),
            "channel_input_dirs": {name: self._channel_dir(name) for name in sorted(self.input_data_config)},
            "current_host": self.current_host,
            "current_instance_group": group,
            "current_instance_group_hosts": list(groups[group]["hosts"]) if group in groups else self.hosts,
            "current_instance_type": self.resource_config.get("current_instance_type", "local"),
            "distribution_hosts": self.distribution_hosts if self.distribution_groups else [],
            "distribution_instance_groups": self.distribution_groups,
            "framework_module": "",
            "hosts": self.hosts,
            "hyperparameters": dict(self.hyperparameters),
            "input_config_dir": str(self.base / "input" / "config"),
            "input_data_config": dict(self.input_data_config),
            "input_dir": str(self.base / "input"),
            "instance_groups": list(groups),
            "instance_groups_dict": groups,
            "is_hetero": len(groups) > 1,
            "is_master": self.current_host == self.master_host,
            "job_name": os.environ.get("TRAINING_JOB_NAME", ""),
            "log_level": self.framework_parameters.get("sagemaker_container_log_level", _LOG_LEVEL_INFO),
            "master_hostname": self.master_host,
            "model_dir": str(self.model_dir),
            "module_dir": self.module_dir,
            "module_name": program.removesuffix(".py"),
            "network_interface_name": self.network_interface_name,
            "num_cpus": self.num_cpus,
            "num_gpus": self.num_gpus,
            "num_neurons": 0,
            "output_data_dir": str(self.output_dir / "data"),
            "output_dir": str(self.output_dir),
            "output_intermediate_dir": str(self.output_dir / "intermediate"),
            "resource_config": dict(self.resource_config),
            "user_entry_point": program,
        }


def read() -> TrainingEnvironment:
    """Read the configuration of this container; a file that is absent counts as empty."""
    base = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
    config = base / "input" / "config"
    values, own = hyperparameters.split(hyperparameters.decode(_json(config / "hyperparameters.json")))
    return TrainingEnvironment(
        base=base,
        hyperparameters=values,
        framework_parameters=own,
        resource_config=_json(config / "resourceconfig.json"),
        input_data_config=_json(config / "inputdataconfig.json"),
        num_cpus=int(os.environ.get("SAGEHEN_NUM_CPUS") or os.cpu_count() or 1),
        num_gpus=sum(1 for device in Path("/dev").glob("nvidia*") if re.fullmatch(r"nvidia\d+", device.name)),
    )


def _json(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    content: dict[str, Any] = json.loads(path.read_text())
    return content


def _numbered(host: str) -> tuple[int, str]:
    """Order `algo-2` before `algo-10`."""
    match = re.search(r"(\d+)$", host)
    return (int(match[1]) if match else 0, host)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, separators=(",", ":"))
