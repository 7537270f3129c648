"""Runs a page's blocks as a reader does, who has one shell and, started in it, one Python session.

Reads a JSON list of [kind, text, name] from a file; prints a JSON list of what each block printed.
An exported variable or a changed folder of a shell block holds for the blocks after it.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

# What a shell sets for itself.
_OWN = ("_", "SHLVL", "PWD", "OLDPWD")


def main(blocks: list[list[str]]) -> list[dict[str, Any]]:
    """Run blocks until one fails; return what each printed, and the failure's text."""
    names: dict[str, Any] = {"__name__": "__main__"}
    ran: list[dict[str, Any]] = []
    for kind, text, name in blocks:
        printed, failure = in_python(text, name, names) if kind == "python" else in_shell(text)
        ran.append({"name": name, "printed": printed, "failure": failure})
        if failure:
            break
    return ran


def in_python(text: str, name: str, names: dict[str, Any]) -> tuple[str, str]:
    output = io.StringIO()
    try:
        with contextlib.redirect_stdout(output):
            exec(compile(text, name, "exec"), names)
    except Exception:
        return output.getvalue(), traceback.format_exc()
    return output.getvalue(), ""


def in_shell(text: str) -> tuple[str, str]:
    after = Path(os.environ["PAGE_STATE"])
    script = (
        f'set -euo pipefail\n{text}\nenv -0 > "$PAGE_STATE"; printf "CWD=%s\\0" "$PWD" >> "$PAGE_STATE"\n'
    )
    ran = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=240)
    if ran.returncode:
        return ran.stdout, f"exit status {ran.returncode}: {ran.stderr[-3000:]}"
    variables = dict(entry.split("=", 1) for entry in after.read_text().split("\0") if "=" in entry)
    os.chdir(variables.pop("CWD"))
    os.environ.update({key: value for key, value in variables.items() if key not in _OWN})
    return ran.stdout + ran.stderr, ""


if __name__ == "__main__":
    print(json.dumps(main(json.loads(Path(sys.argv[1]).read_text()))))
