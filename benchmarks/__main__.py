"""`python -m benchmarks [name ...]`: run all or the named ones, print and write RESULTS.md."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from benchmarks import machine

# The order of the report. A module is imported when its turn comes: torch is not needed by all.
NAMES = (
    "platform",
    "sinks",
    "load",
    "insights",
    "invoke",
    "updates",
    "scaling",
    "rehearsal",
    "modelserver",
    "onnx",
    "s3",
    "lambda_",
    "rest_api",
    "warm_pools",
    "images",
    "transform",
    "cluster",
    "node_scaling",
    "ec2",
    "distributed",
    "recipe",
    "console",
)
# Only by name: they need what few machines have.
ON_DEMAND = ("containers",)
RESULTS = Path(__file__).parent / "RESULTS.md"
HEADER = """# Measured

Written by `make benchmarks`; each section says on which commit and machine. Clients and servers share its
cores: trust the ratios more than the figures.
"""


def progress(name: str) -> Callable[[str], None]:
    """Return what tells a person where we are: one line that is written over, on a terminal."""
    began = time.monotonic()

    def say(text: str) -> None:
        line = f"[{time.monotonic() - began:5.0f} s] {name}: {text}"
        if sys.stderr.isatty():
            print(f"\r\033[K{line[:110]}", end="", file=sys.stderr, flush=True)
        else:
            print(line, file=sys.stderr, flush=True)

    return say


def main() -> int:
    """Run. Returns the number of benchmarks that failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        metavar="name",
        help=f"of {', '.join(NAMES)}; all without one; {', '.join(ON_DEMAND)}",
    )
    parser.add_argument("--results", type=Path, default=RESULTS, help="the file to write")
    options = parser.parse_args()
    if unknown := set(options.names) - {*NAMES, *ON_DEMAND}:
        known = ", ".join((*NAMES, *ON_DEMAND))
        parser.error(f"no benchmark named {', '.join(sorted(unknown))}: there are {known}")
    print(HEADER)
    sections = _sections(options.results)
    failed = 0
    for name in options.names or NAMES:
        moment = machine.moment()
        try:
            table = importlib.import_module(f"benchmarks.{name}").measure(progress(name))
        except Exception:
            failed += 1
            print(f"\n{name} failed:\n{traceback.format_exc()}", file=sys.stderr, flush=True)
            continue
        text = f"{table.markdown()}\n{moment}\n"
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr)
        print(text, flush=True)
        sections[name] = text
        # Written after each one: a long run that is stopped has not been for nothing.
        _write(options.results, sections)
    return failed


def _sections(path: Path) -> dict[str, str]:
    """Read the sections of an earlier run, so that a run of one benchmark keeps the others' figures."""
    sections: dict[str, str] = {}
    if path.exists():
        for part in path.read_text().split("<!-- ")[1:]:
            name, _, text = part.partition(" -->\n")
            sections[name] = text.strip() + "\n"
    return sections


def _write(path: Path, sections: dict[str, str]) -> None:
    """Write them in the order of NAMES; what somebody measured by hand comes last."""
    names = [*(name for name in NAMES if name in sections), *(name for name in sections if name not in NAMES)]
    path.write_text(HEADER + "\n" + "\n".join(f"<!-- {name} -->\n{sections[name]}" for name in names))


if __name__ == "__main__":
    sys.exit(main())
