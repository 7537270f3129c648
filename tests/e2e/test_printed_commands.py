"""Every command that is printed for people is run: README's blocks, the front page, `up`, `env`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sagehen.cli.main import app
from sagehen.gateway.pages.front_page import COMMANDS

REPOSITORY = Path(__file__).parents[2]
README = (REPOSITORY / "README.md").read_text()


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = {**clean, "SAGEHEN_DATA": str(tmp_path / "data")}
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "recipes").symlink_to(REPOSITORY / "recipes")
    yield environment
    subprocess.run(
        [sys.executable, "-m", "sagehen.cli", "down"], env=environment, timeout=90, capture_output=True
    )


def in_shell(folder: Path, environment: dict[str, str], script: str) -> str:
    ran = subprocess.run(
        ["bash", "-ec", script], cwd=folder, env=environment, capture_output=True, text=True, timeout=200
    )
    assert ran.returncode == 0, (ran.stdout[-2000:], ran.stderr[-2000:])
    return ran.stdout


def test_readme_and_the_front_page(tmp_path: Path, environment: dict[str, str]) -> None:
    block = re.search(r"## In your shell\n+```sh\n(.*?)```", README, re.S)
    assert block
    lines = [line.split("  #")[0].rstrip() for line in block[1].splitlines() if line.strip()]
    last = lines.pop()
    assert last == "sagehen logs /aws/sagemaker/TrainingJobs --follow"
    begin = lines.index("sagehen up --detach")
    made = next(place for place, line in enumerate(lines) if "digits.py" in line)
    lines[made] += "\nfind images -type f | tail -n +9 | xargs rm"  # copying 1,797 takes the CLI a minute
    lines[begin] += " --port 0"  # other platforms may run on this machine
    # The page and `up` say the same of how a shell begins.
    said = in_shell(
        tmp_path, environment, "\n".join([*lines[: begin + 1], "sagehen status", "printenv PATH"])
    )
    assert "nothing is training or being served" in said  # and nothing was loaded to find that out
    assert "was called for" not in (tmp_path / "data" / "platform.log").read_text()
    assert re.search(r'next:  eval "\$\(sagehen env.*\)"', said)
    ran = in_shell(tmp_path, environment, "\n".join([*lines[:begin], *lines[begin + 1 :], *COMMANDS]))
    assert "123456789012" in ran and "pictures" in ran and "TrainingJobSummaries" in ran
    assert "nothing is training or being served" in ran

    shell = "\n".join([*lines[:begin], lines[begin + 1], f"exec {last}"])
    with subprocess.Popen(
        ["bash", "-ec", shell], cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True
    ) as waiting:
        assert waiting.stderr is not None
        assert "waiting for the log group" in waiting.stderr.readline()
        waiting.terminate()

    url = re.search(r"http://127.0.0.1:\d+", said)
    assert url
    request = urllib.request.Request(f"{url[0]}/_sagehen/")
    with urllib.request.urlopen(request, timeout=60) as answer:
        page = answer.read().decode()
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert all(f"{command}\n" in page or f"{command}</pre>" in page for command in COMMANDS)
    assert not re.search(r'(?:src|href)="(?!/_sagehen/health|data:)', page)  # no asset of anybody's
    down = in_shell(tmp_path, environment, "\n".join([*lines[:begin], "sagehen down"]))
    assert "Sagehen stopped; `sagehen up` brings everything back." in down


def test_every_subcommand_that_is_named_exists() -> None:
    texts = [README, *(page.read_text() for page in (REPOSITORY / "docs").rglob("*.md"))]
    texts += [file.read_text() for file in (REPOSITORY / "src").rglob("*.py")]
    named = {found for text in texts for found in re.findall(r"(?:`|\$\()sagehen ([a-z]+)\b", text)}
    assert {"up", "down", "env", "doctor", "status", "logs"} <= named
    for name in sorted(named):
        asked = CliRunner().invoke(app, [name, "--help"])
        assert asked.exit_code == 0, (name, asked.output)
