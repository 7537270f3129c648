"""Environment: the facts of the running job, read from the variables that the platform sets."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

_PATHS = {
    "model_dir": "SM_MODEL_DIR",
    "output_dir": "SM_OUTPUT_DIR",
    "output_data_dir": "SM_OUTPUT_DATA_DIR",
    "input_dir": "SM_INPUT_DIR",
    "input_config_dir": "SM_INPUT_CONFIG_DIR",
    "module_dir": "SM_MODULE_DIR",
    "module_name": "SM_MODULE_NAME",
    "user_entry_point": "SM_USER_ENTRY_POINT",
    "current_host": "SM_CURRENT_HOST",
    "network_interface_name": "SM_NETWORK_INTERFACE_NAME",
    "current_instance_type": "SM_CURRENT_INSTANCE_TYPE",
    "current_instance_group": "SM_CURRENT_INSTANCE_GROUP",
}
_NUMBERS = {"num_gpus": "SM_NUM_GPUS", "num_cpus": "SM_NUM_CPUS", "log_level": "SM_LOG_LEVEL"}
_DOCUMENTS = {
    "hosts": "SM_HOSTS",
    "hyperparameters": "SM_HPS",
    "resource_config": "SM_RESOURCE_CONFIG",
    "input_data_config": "SM_INPUT_DATA_CONFIG",
    "additional_framework_parameters": "SM_FRAMEWORK_PARAMS",
}


def _groups(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of instance groups (documented: the heterogeneous cluster's pages)."""
    found = {
        name: json.loads(os.environ[f"SM_{name.upper()}"])
        for name in (
            "is_hetero", "instance_groups", "instance_groups_dict", "current_instance_group_hosts",
            "distribution_instance_groups",
        )
        if f"SM_{name.upper()}" in os.environ
    }  # fmt: skip
    distributed = found.get("distribution_instance_groups") or []
    groups = found.get("instance_groups_dict") or {}
    hosts = [host for name, group in groups.items() if name in distributed for host in group["hosts"]]
    if hosts:
        found["master_hostname"] = hosts[0]
        found["is_main"] = found["is_master"] = facts.get("current_host") == hosts[0]
    return found | {"distribution_hosts": hosts}


class Environment(Mapping[str, Any]):
    """Attributes and items are the same facts; one that this platform does not know is an error.

    Raises:
        NotImplementedError: Facts are given: AWS's takes them in the place of the job's own.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        if any(value is not None for value in (*given, *named.values())):
            raise NotImplementedError("This stand-in's Environment knows the running job's own facts alone.")
        known = {name: os.environ[key] for name, key in _PATHS.items() if key in os.environ}
        facts: dict[str, Any] = dict(known)
        facts |= {name: int(os.environ[key]) for name, key in _NUMBERS.items() if key in os.environ}
        facts |= {name: json.loads(os.environ[key]) for name, key in _DOCUMENTS.items() if key in os.environ}
        channels = json.loads(os.environ.get("SM_CHANNELS", "[]"))
        facts["channel_input_dirs"] = {name: os.environ[f"SM_CHANNEL_{name.upper()}"] for name in channels}
        facts["job_name"] = os.environ.get("TRAINING_JOB_NAME", "")
        facts["is_main"] = facts["is_master"] = facts.get("current_host") == (facts.get("hosts") or [None])[0]
        facts["master_hostname"] = (facts.get("hosts") or [""])[0]
        facts |= _groups(facts)
        self._facts = facts

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["_facts"][name]
        except KeyError:
            raise AttributeError(f"This stand-in's Environment has no {name}.") from None

    def __getitem__(self, name: str) -> Any:
        return self._facts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)
