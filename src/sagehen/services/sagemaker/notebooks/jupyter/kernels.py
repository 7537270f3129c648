"""Which Python stands for a kernel's name: mapped by the operator, built for such an image, or the local one.

Notebooks carry the name of the kernel that they were written with. AWS's are those of conda environments, by
framework and Python; older names lead to what stands for the newest, as people's notebooks outlive images.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from sagehen.executors.environments import environment
from sagehen.executors.environments.environment import Environment
from sagehen.executors.environments.resolver import EnvironmentGone, Environments
from sagehen.services.sagemaker.notebooks.jupyter import companions


@dataclass(frozen=True, slots=True)
class Kernel:
    """A kernel as notebooks name it.

    Args:
        name: In a notebook's metadata, and what is shown.
        folder: Of its environment, below `places.ENVIRONMENTS`.
        framework: As the catalogue of images names it; '' for plain Python.
        distribution: The package without which it is none of that framework.
        image: What builds an environment for it.
    """

    name: str
    folder: str
    framework: str = ""
    distribution: str = ""
    image: str = ""


def _framework(names: Sequence[str], folder: str, *rest: str) -> list[Kernel]:
    return [Kernel(name, folder, *rest) for name in names]


# Names: from notebooks in public repositories (awslabs/amazon-sagemaker-examples and others), from memory.
KERNELS = (
    Kernel("conda_python3", "python3"),
    Kernel("python3", "python3"),
    *_framework(
        ("conda_pytorch_p310", "conda_pytorch_p39", "conda_pytorch_p38", "conda_pytorch_p36"),
        "pytorch_p310", "pytorch", "torch", "pytorch-training:2.6.0-cpu-py312",
    ),
    *_framework(
        ("conda_tensorflow2_p310", "conda_tensorflow2_p39", "conda_tensorflow2_p38", "conda_tensorflow2_p36"),
        "tensorflow2_p310", "tensorflow", "tensorflow", "tensorflow-training:2.18.0-cpu-py310",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chosen:
    """What stands for a kernel.

    Args:
        environment: None where nothing does.
        lack: Why it cannot run, with the cure; '' where it can.
    """

    kernel: Kernel
    environment: Environment | None
    lack: str = ""


def choose(kernel: Kernel, environments: Environments, option: str = "") -> Chosen:
    """Return what stands for a kernel. Reads small files.

    Args:
        option: What a printed command needs to reach this platform's data folder, or ''.
    """
    main = f"conda_{kernel.folder}"
    try:
        found = environments.of_operator(kernel.name) or environments.of_operator(main)
    except EnvironmentGone as error:
        return Chosen(kernel, None, f"{error}.")
    local = environments.local()
    if found is None and kernel.framework:
        found = _built(kernel, environments)
        if found is None and kernel.distribution in local.distributions:
            found = local
    elif found is None:
        found = local
    if found is None:
        return Chosen(
            kernel, None,
            f"Nothing on this machine stands for the kernel {main}. `sagehen images build "
            f"{shlex.quote(kernel.image)}{option}` makes an environment for it, or `sagehen images use "
            f"{main} VENV{option}` names one of yours; then stop and start the notebook instance.",
        )  # fmt: skip
    if found.interpreter is not None and not _has_kernel(found):
        return Chosen(
            kernel, None,
            f"{found.label}, which stands for the kernel {main}, has no ipykernel: install it there "
            f"(`pip install ipykernel`, or `uv pip install`), then stop and start the notebook instance.",
        )  # fmt: skip
    if found.interpreter is None and "ipykernel" not in found.distributions:
        return Chosen(kernel, None, "ipykernel is missing beside Sagehen: pip install 'sagehen[notebooks]'.")
    return Chosen(kernel, found)


def _has_kernel(found: Environment) -> bool:
    has_own = "ipykernel" in found.distributions
    return has_own or (found.interpreter is not None and companions.serve(found.interpreter.version))


def _built(kernel: Kernel, environments: Environments) -> Environment | None:
    """Return the newest environment that was built for an image of the kernel's framework."""
    if environments.built is None:
        return None
    candidates = [
        (_version(key), built.id, built)
        for built in environments.built.all()
        for key in built.images
        if key.partition(" ")[0] == kernel.framework
    ]
    if not candidates:
        return None
    _, _, newest = max(candidates)
    environments.built.hold(newest.id)
    return environment.of_facts("built", newest.id, newest.facts, newest.notes)


def _version(key: str) -> tuple[int, ...]:
    """Return an image key's version, for comparison: `pytorch 2.6.0 py3.12`."""
    return tuple(map(int, re.findall(r"\d+", key.partition(" ")[2].partition(" ")[0])))
