"""Preload sets: what warm parents import before they fork."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sagehen.domain.absent_modules import IRI_GRAMMAR, hidden

_HIDDEN = "!"


@dataclass(frozen=True, slots=True)
class PreloadSet:
    """What a warm parent imports before it forks.

    Args:
        modules: Imported where they exist, in order; a missing one is left out.
        environment: Variables that matter while importing.
        stays: It is small enough to stay for good once it was started.
        hidden: Optional modules that are not found while these are imported; programs find them.
    """

    modules: tuple[str, ...]
    environment: Mapping[str, str]
    stays: bool = False
    hidden: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """What a warm parent is told: its modules, and those to hide behind an exclamation mark."""
        return (*(f"{_HIDDEN}{name}" for name in self.hidden), *self.modules)


# OpenMP threads that spin at every barrier ruin each other where cores are shared (several instances,
# the platform, the client): one busy core put a small network's answer from 3 ms to 230 ms (p99, two
# cores), with passive waiting to 15 ms. libgomp reads it once, when torch is imported.
PASSIVE_WAITING = {"OMP_WAIT_POLICY": "PASSIVE"}

PRELOAD_SETS: dict[str, PreloadSet] = {
    "bare": PreloadSet((), {}, stays=True),
    "torch": PreloadSet(
        (
            "torch",
            "torch._dynamo",  # the first optimiser imports it: 2 s of a job's life
            "torch.utils.data",
            "torch.distributed",
            "numpy",
            "PIL.Image",
            "simplejpeg",
            "sagehen.modelserver",
            "sagehen.trainingtoolkit",
        ),
        PASSIVE_WAITING,
        # torch._dynamo imports them where they are, and they read their variables (HF_HOME, HF_HUB_OFFLINE,
        # HF_TOKEN) while they are imported: too early for those of a job.
        hidden=("transformers", "huggingface_hub"),
    ),
    # What AWS's Python runtimes bring along, and what boto3 imports when it makes its first client.
    "python-lambda": PreloadSet(
        (
            "boto3.session",
            "botocore.client",
            "botocore.httpsession",
            "botocore.endpoint_provider",
            "botocore.httpchecksum",
            "botocore.discovery",
            "botocore.retries.standard",
            "s3transfer.manager",
            "concurrent.futures.thread",
            "http.client",
            "json",
            "logging.handlers",
            "simplejson",
            "snapshot_restore_py",
            "urllib3.contrib",
            "uuid",
            # The client library of the Runtime API; awslambdaric itself reads its settings when it is
            # imported, so that waits for the fork.
            "runtime_client",
        ),
        {},
        stays=True,
    ),
    # What a machine's first process imports; it takes a tenth of a second.
    "machine": PreloadSet(("hmac", "tempfile", "sagehen.executors.machines.inside.session"), {}, stays=True),
    # What a notebook instance's machine starts with: JupyterLab takes a second to import.
    "notebook": PreloadSet(
        (
            "jupyterlab.labapp",
            "jupyterlab_server.app",
            "jupyter_server.serverapp",
            "jupyter_server.services.contents.largefilemanager",
            "jupyter_server_terminals",
            "terminado",
            "nbconvert.exporters",  # the first page asks for their names
            "sagehen.executors.machines.inside.session",
        ),
        # Classes keep paths below it as their defaults, from when they are imported. Node.js is not to be
        # found: JupyterLab would ask it for yarn's registry (half a second), for builds that nobody does.
        {"HOME": "/home/ec2-user", "PATH": "/nonexistent"},
        hidden=(IRI_GRAMMAR,),
    ),
}


@contextmanager
def read(words: Sequence[str]) -> Iterator[list[str]]:
    """Yield the modules to import of a set's `words`, with the others hidden until the end of the block."""
    with hidden(word.removeprefix(_HIDDEN) for word in words if word.startswith(_HIDDEN)):
        yield present([word for word in words if not word.startswith(_HIDDEN)])


def present(modules: Sequence[str]) -> list[str]:
    """Return the modules whose top package is installed; nothing is imported here."""
    from importlib.util import find_spec

    return [module for module in modules if module in sys.modules or _find(find_spec, module)]


def _find(find_spec: Any, module: str) -> bool:
    top, *rest = module.split(".")
    if find_spec(top) is None:
        return False
    # Finding a submodule imports its parents; only our own light packages are asked for by full name.
    return not rest or top != "sagehen" or find_spec(module) is not None
