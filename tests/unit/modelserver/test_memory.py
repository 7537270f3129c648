"""What is freed is kept: the next request of the same size faults no pages."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]
FAULTS = """
import resource, sys
from {module} import keep_freed_memory
import numpy
if "keep" in sys.argv:
    keep_freed_memory()
def step():
    tensors = [numpy.empty(2_000_000) for _ in range(4)]
    for tensor in tensors:
        tensor.fill(1.0)
step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(module: str, folder: Path, *arguments: str) -> int:
    code = FAULTS.format(module=module)
    run = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(run.stdout)


@pytest.mark.skipif("CS_GNU_LIBC_VERSION" not in os.confstr_names, reason="glibc's settings")
@pytest.mark.parametrize(
    ("module", "folder"),
    [("sagehen.modelserver.workers.memory", "src"), ("memory", "recipes/image_classifier")],
)
def test_tensors_of_the_same_size_get_the_same_pages(module: str, folder: str) -> None:
    pytest.importorskip("numpy")
    returned, kept = (faults(module, REPOSITORY / folder, *options) for options in ((), ("keep",)))
    assert kept < 100 < returned
