"""What is not loaded before somebody needs it: start-up stays under a second."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("boto3", "cryptography", "jsonschema", "jwt", "numpy", "PIL", "rich", "segno", "torch")


@pytest.mark.parametrize("module", HEAVY)
def test_it_is_there(module: str) -> None:
    """A name that nothing can import would make the next test say nothing."""
    if module != "torch":
        pytest.importorskip(module)


def test_heavy_libraries_wait() -> None:
    code = f"import sys, sagehen.app.run; print([name for name in {HEAVY!r} if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"
