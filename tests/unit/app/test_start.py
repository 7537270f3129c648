"""What is not loaded before somebody needs it: start-up stays under a second."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest

HEAVY = ("boto3", "cryptography", "jsonschema", "jwt", "rich", "segno")
FOR_TRAINING = ("numpy", "PIL", "torch")
# What `--cluster` alone loads.
FOR_NODES = ("ray", "sagehen.cluster.cluster", "sagehen.cluster.executor", "sagehen.cluster.links")


@pytest.mark.parametrize("module", HEAVY)
def test_it_is_there(module: str) -> None:
    """A name that nothing can import would make the next test say nothing."""
    assert find_spec(module) is not None


def test_heavy_libraries_wait() -> None:
    code = (
        "import sys, sagehen.app.run, sagehen.app.platform; "
        f"print([name for name in {HEAVY + FOR_TRAINING + FOR_NODES!r} if name in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"
