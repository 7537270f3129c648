"""The start of a Python runtime: where it looks for modules, as AWS's own /var/runtime/bootstrap.py has it.

Wrapper scripts put options before the last argument, so this file has to be it: the handler is in `_HANDLER`,
which a script may have changed.
"""

from __future__ import annotations

import os
import site
import sys


def search_path() -> list[str]:
    """Return the function's folder and its layers', which a PYTHONPATH of one's own leaves out.

    https://docs.aws.amazon.com/lambda/latest/dg/python-package.html#python-package-searchpath
    """
    task, layers = os.environ["LAMBDA_TASK_ROOT"], os.environ.pop("SAGEHEN_LAYERS")
    if "PYTHONPATH" in os.environ:
        return [task]
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return [task, f"{layers}/lib/{version}/site-packages", layers]


folders, runtime = search_path(), os.environ["LAMBDA_RUNTIME_DIR"]
sys.path[:1] = [*folders, runtime]
for folder in filter(os.path.isdir, folders):
    site.addsitedir(folder)  # for their .pth files
os.environ.setdefault("PYTHONPATH", runtime)

from awslambdaric.__main__ import main  # type: ignore[import-untyped]  # noqa: E402

main(["bootstrap.py", os.environ["_HANDLER"]])
