"""The log that a detached platform writes keeps two files; what is not that log is left alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LINES = """
import logging, os, pathlib, sys
from sagehen.app.log_turns import TurningLog
log = TurningLog(pathlib.Path(sys.argv[1]), most_bytes=100, look_every=2)
logging.basicConfig(level="INFO", format="%(message)s", handlers=[log])
for number in range(30):
    logging.info("line %02d", number)
print("printed", flush=True)
os.write(2, b"crashed")
"""


@pytest.mark.parametrize("log", ["platform.log", "another"])
def test_a_full_log_gives_way_to_a_new_one(log: str, tmp_path: Path) -> None:
    with (tmp_path / log).open("ab") as output:
        command = [sys.executable, "-c", LINES, str(tmp_path / "platform.log")]
        subprocess.run(command, stdout=output, stderr=output, check=True)
    lines = [f"line {number:02}\n" for number in range(30)]
    last = "printed\ncrashed"
    found = {file.name: file.read_text() for file in tmp_path.iterdir()}
    # 8 bytes each: 14 are more than 100, of which nothing is lost but what was turned over before.
    kept = {"platform.log.1": "".join(lines[14:28]), "platform.log": "".join(lines[28:]) + last}
    assert found == (kept if log == "platform.log" else {"another": "".join(lines) + last})
