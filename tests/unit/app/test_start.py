"""What is not loaded before somebody needs it: start-up stays under a second."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from sagehen import services
from sagehen.app.wiring.plan import PLAN

HEAVY = ("boto3", "cryptography", "jsonschema", "jwt", "rich", "segno")
FOR_TRAINING = ("numpy", "PIL", "torch")
# What `--cluster` alone loads.
FOR_NODES = ("ray", "sagehen.cluster.cluster", "sagehen.cluster.executor", "sagehen.cluster.links")

# What the first call of a service loads.
SERVICES = [path.parent.name for path in Path(services.__path__[0]).glob("*/service.py")]
FOR_CALLS = (
    *(f"sagehen.app.wiring.services.{room}" for room in PLAN),
    *(f"sagehen.services.{name}.service" for name in SERVICES if name not in ("iam", "kms", "s3")),
)


@pytest.mark.parametrize("module", HEAVY)
def test_it_is_there(module: str) -> None:
    """A name that nothing can import would make the next test say nothing."""
    assert find_spec(module) is not None


def test_heavy_libraries_wait() -> None:
    code = (
        "import sys, sagehen.app.run, sagehen.app.platform; "
        f"print([name for name in {HEAVY + FOR_TRAINING + FOR_NODES + FOR_CALLS!r} if name in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"
