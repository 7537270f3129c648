"""torchvision without its operators: what registers them is empty, and is left alone where they are."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PAIRING = Path(__file__).parents[2] / "scripts" / "pairing"


@pytest.mark.parametrize(("has_ops", "said"), [("False", "imported"), ("True", "no such operator")])
def test_registrations_are_left_out_where_there_is_nothing_to_register(
    tmp_path: Path, has_ops: str, said: str
) -> None:
    package = tmp_path / "torchvision"
    package.mkdir()
    (package / "__init__.py").write_text("from . import extension\nfrom . import _meta_registrations\n")
    (package / "extension.py").write_text(f"def _has_ops():\n    return {has_ops}\n")
    (package / "_meta_registrations.py").write_text("raise RuntimeError('no such operator')\n")
    program = "import torchvision_without_operators, torchvision; print('imported')"
    path = f"{PAIRING}:{tmp_path}"
    ran = subprocess.run(
        [sys.executable, "-S", "-c", program], env={"PYTHONPATH": path}, capture_output=True, text=True
    )
    assert said in ran.stdout + ran.stderr
