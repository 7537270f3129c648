"""`sagehen rehearse`, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sagehen.cli.main import app

PLAN = """
traffic: 2 for 10m, 15 for 20m
endpoint: {instance_type: ml.m5.large, service_time: {mean: 80ms, p99: 200ms}, startup: 2m}
candidates:
  - {name: scaled, target: 400, max: 3}
  - {name: "fixed [/red]", instances: 2}
  - {name: per second, target: 5, max: 3}
objective: p99 <= 900ms
"""


def test_candidates_are_compared(tmp_path: Path) -> None:
    plan, found = tmp_path / "plan.yaml", tmp_path / "found.json"
    plan.write_text(PLAN)
    result = CliRunner().invoke(app, ["rehearse", str(plan), "--json", str(found)])
    assert result.exit_code == 0, result.output
    document = json.loads(found.read_text())
    assert [one["name"] for one in document["candidates"]] == [
        "scaled",
        "fixed [/red]",
        "per second",
    ]
    meeting = [one for one in document["candidates"] if one["meets_objective"]]
    assert document["recommended"] == min(meeting, key=lambda one: one["dollars"])["name"]
    (tracking,) = document["candidates"][0]["tracking"]
    assert (tracking["target"], tracking["scale_in_cooldown_seconds"]) == (400.0, 300.0)
    for column in ("p50 ms", "p95", "p99", "wait50", "wait95", "wait99", "errors", "inst-h", "$/month"):
        assert column in result.output
    assert "→ " + document["recommended"] in result.output
    for panel in ("Load", "Instances", "Latency"):
        assert panel in result.output
    assert any("invocations per instance and minute" in words for words in document["words"])
    assert "from memory" in document["prices"]["source"]


def test_a_functions_throttles_stand_beside_its_errors(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(
        "traffic: 5 for 2m\nfunction: {duration: 1s}\ncandidates: [{reserved: 2}]\nobjective: p99 <= 3s\n"
    )
    result = CliRunner().invoke(app, ["rehearse", str(plan)])
    assert result.exit_code == 0, result.output
    for column in ("wait50", "wait95", "wait99", "throttled", "errors", "cold", "prov-h", "$/month"):
        assert column in result.output


@pytest.mark.parametrize("command", ["rehearse plan.yaml", "load http://127.0.0.1:1/ --rate 1 --duration 1s"])
@pytest.mark.parametrize("option", ["--json", "--picture"])
def test_what_cannot_be_written_is_said_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, option: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("plan.yaml").write_text(PLAN)
    for place in ("/nowhere/x", str(tmp_path)):
        result = CliRunner().invoke(app, [*command.split(), option, place])
        assert result.exit_code == 1
        assert f"{place}: cannot be written there" in "".join(result.output.splitlines())


def test_aws_is_aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(PLAN.replace("2 for 10m, 15 for 20m", "{recorded: {endpoint: x}}"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    result = CliRunner().invoke(app, ["rehearse", str(plan), "--aws"])
    assert result.exit_code == 1 and "leads to http://127.0.0.1:1" in result.output
    result = CliRunner().invoke(app, ["rehearse", str(plan), "--region", "eu-west-1"])
    assert result.exit_code == 1 and "goes with --aws" in result.output


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"traffic: 5", "either endpoint or function"),
        (b"\xff\xfe", "is no text"),
        (None, "No such file"),
        (PLAN.replace("2 for 10m", "{recorded: {endpoint: x}}").encode(), "line 2"),
    ],
)
def test_mistakes_end_in_a_sentence(tmp_path: Path, content: bytes | None, words: str) -> None:
    plan = tmp_path / "plan.yaml"
    if content is not None:
        plan.write_bytes(content)
    result = CliRunner().invoke(app, ["rehearse", str(plan), "--data", str(tmp_path)])
    assert result.exit_code != 0
    assert words in " ".join(result.output.split())
    assert "Traceback" not in result.output
