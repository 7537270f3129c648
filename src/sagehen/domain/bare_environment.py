"""The environment of a process of ours that works on what users sent: nothing of the operator's secrets."""

from __future__ import annotations

import os
from collections.abc import Mapping

# Where Python finds itself, its packages and its libraries. Keys, tokens and proxies are not among them.
_KEPT = ("PATH", "HOME", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LANG", "LC_ALL", "LD_LIBRARY_PATH")
# Pools of threads would be memory for nothing: jobs and endpoints have the processors.
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def bare_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return what such a process gets of an environment."""
    return {name: environment[name] for name in _KEPT if name in environment} | _ONE_THREAD
