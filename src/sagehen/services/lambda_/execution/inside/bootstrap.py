"""The start of a Python runtime by AWS's name for it, where a wrapper script or JSON logs need it.

Wrapper scripts put options before the last argument, so this file has to be it: the handler is in `_HANDLER`,
which a script may have changed.
"""

from __future__ import annotations

import importlib
import os
import sys

# As `python -m` in the function's folder has it.
sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]

from awslambdaric import bootstrap  # type: ignore[import-untyped]  # noqa: E402
from awslambdaric.__main__ import main  # type: ignore[import-untyped]  # noqa: E402

if "AWS_LAMBDA_LOG_FORMAT" in os.environ:
    # Imported before the fork, it has decided for text.
    importlib.reload(bootstrap)
main(["bootstrap.py", os.environ["_HANDLER"]])
