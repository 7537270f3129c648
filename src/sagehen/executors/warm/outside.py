"""Starts `process` in an interpreter that Sagehen is not installed in. Run by its path.

Not by PYTHONPATH: beside an installed Sagehen lie all its packages, and those of the interpreter must win.
"""

from __future__ import annotations

import importlib.util
import runpy
import sys
from pathlib import Path


def main() -> None:
    """Make the package known, and become the warm parent."""
    package = Path(__file__).parents[2]
    found = importlib.util.spec_from_file_location(
        "sagehen", package / "__init__.py", submodule_search_locations=[str(package)]
    )
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules["sagehen"] = module
    found.loader.exec_module(module)
    runpy.run_module("sagehen.executors.warm.process", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
