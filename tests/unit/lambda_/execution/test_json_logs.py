"""LogFormat JSON: Lambda's own lines and the function's as documents, from a level on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import Functions

pytestmark = pytest.mark.sandbox

LOGS = """
import logging
logger = logging.getLogger()
def handler(event, context):
    logger.debug("too low")
    logger.info("hello", extra={"colour": "blue"})
    print("plain")
    print('{"level": "debug", "timestamp": "2024-11-02T16:51:31Z", "message": "printed too low"}')
    if event:
        raise ValueError("no")
"""


def documents(functions: Functions) -> list[dict[str, Any]]:
    [lines] = functions.logs.lines.values()
    return [json.loads(line) for line in lines if line.startswith("{")]


def of(found: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [one["record"] for one in found if one.get("type") == f"platform.{kind}"]


async def test_python(functions: Functions) -> None:
    outcome = await functions.run(LOGS, log_format="JSON", timeout_s=30)
    assert outcome.function_error is None
    found = documents(functions)
    [init] = of(found, "initStart")
    assert init["runtimeVersionArn"].startswith("arn:aws:lambda:eu-west-1::runtime:")
    [start] = of(found, "start")
    assert start["version"] == "$LATEST"
    [report] = of(found, "report")
    assert report["requestId"] == start["requestId"]
    assert report["status"] == "success"
    assert report["metrics"].keys() == {
        "durationMs",
        "billedDurationMs",
        "memorySizeMB",
        "maxMemoryUsedMB",
        "initDurationMs",
    }
    [said] = [one for one in found if one.get("message")]
    assert (said["level"], said["message"], said["colour"]) == ("INFO", "hello", "blue")
    assert said["requestId"] == start["requestId"]
    assert of(found, "runtimeDone") == []
    [lines] = functions.logs.lines.values()
    assert "plain\n" in lines
    assert not any("END RequestId" in line for line in lines)


async def test_levels(functions: Functions) -> None:
    await functions.run(
        LOGS,
        log_format="JSON",
        application_log_level="ERROR",
        system_log_level="WARN",
        timeout_s=30,
    )
    # A line without a level has INFO (documented): it is left out as well.
    assert not functions.logs.lines


async def test_errors(functions: Functions) -> None:
    outcome = await functions.run(LOGS, b"1", log_format="JSON", system_log_level="DEBUG", timeout_s=30)
    assert outcome.function_error == "Unhandled"
    found = documents(functions)
    [error] = [one for one in found if one.get("errorType")]
    assert (error["level"], error["errorType"], error["errorMessage"]) == ("ERROR", "ValueError", "no")
    [initialized], [init] = of(found, "initRuntimeDone"), of(found, "initReport")
    assert (initialized["status"], init["phase"]) == ("success", "init")
    [done] = of(found, "runtimeDone")
    assert done["status"] == "success"  # the runtime answered, if with an error


async def test_what_breaks_off(functions: Functions) -> None:
    source = "import os\ndef handler(e, c):\n os._exit(3)\n"
    await functions.run(source, log_format="JSON", system_log_level="WARN", timeout_s=30)
    [report] = of(documents(functions), "report")
    assert (report["status"], report["errorType"]) == ("error", "Runtime.ExitError")


async def test_node(functions: Functions) -> None:
    name = next((one for one in functions.environments.runtimes() if one.startswith("nodejs")), None)
    if name is None:
        pytest.skip("no Node.js on this machine")
    source = (
        "exports.handler = async () => {\n"
        " console.debug('low'); console.log('a', 1); console.error(new RangeError('far')); };\n"
    )
    await functions.run({"app.js": source}, runtime=name, log_format="JSON", timeout_s=30)
    said = [one for one in documents(functions) if "timestamp" in one]
    assert [(one["level"], one["message"].split("\n")[0]) for one in said] == [
        ("INFO", "a 1"),
        ("ERROR", "RangeError: far"),
    ]
    assert said[1]["errorType"] == "RangeError"


async def test_text_stays_text(functions: Functions) -> None:
    await functions.run(LOGS, timeout_s=30)
    assert [one["message"] for one in documents(functions)] == ["printed too low"]
