"""What a wrapper script is given to run: AWS's name for the start of a Python runtime.

Wrapper scripts put options before the last argument, so this file has to be it: the handler is in `_HANDLER`,
which a script may have changed.
"""

from __future__ import annotations

import os
import sys

# As `python -m` in the function's folder has it.
sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]

from awslambdaric.__main__ import main  # type: ignore[import-untyped]  # noqa: E402

main(["bootstrap.py", os.environ["_HANDLER"]])
