"""Run Command, with processes of this machine in the place of machines."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from sagehen.api.errors import ServiceError
from sagehen.services.ssm.commands.command import Command, Invocation, most, state
from tests.unit.ssm.conftest import SCOPE, House
from tests.unit.ssm.machines import machine

FIRST, SECOND = "i-00000000000000001", "i-00000000000000002"
SHELL, PYTHON = "AWS-RunShellScript", "AWS-RunPythonScript"


async def send(house: House, *lines: str, document: str = SHELL, **request: Any) -> str:
    parameters = {"commands": list(lines), **request.pop("Parameters", {})}
    where = {} if "Targets" in request else {"InstanceIds": [FIRST]}
    answer = await house.call("SendCommand", DocumentName=document, Parameters=parameters, **where, **request)
    json.dumps(answer, default=str)
    return str(answer["Command"]["CommandId"])


async def ended(house: House, command_id: str, instance_id: str = FIRST) -> Any:
    async with asyncio.timeout(60):
        while True:
            found = await house.call("GetCommandInvocation", CommandId=command_id, InstanceId=instance_id)
            if found["Status"] not in ("Pending", "InProgress"):
                return found
            await asyncio.sleep(0.01)


@pytest.fixture
def two(house: House, tmp_path: Path) -> House:
    house.machines.folder = tmp_path
    house.machines.running = [machine(FIRST, job="train"), machine(SECOND, job="serve")]
    return house


async def test_scripts_run_and_tell_what_they_printed(two: House, tmp_path: Path) -> None:
    done = await ended(
        two,
        await send(
            two,
            "echo $AWS_SSM_INSTANCE_ID in $PWD",
            "cat",
            "echo bad >&2",
            "exit 3",
            Parameters={"workingDirectory": [str(tmp_path)]},
        ),
    )
    assert (done["Status"], done["StatusDetails"], done["ResponseCode"]) == ("Failed", "Failed", 3)
    assert done["StandardOutputContent"] == f"{FIRST} in {tmp_path}\n"
    assert done["StandardErrorContent"] == "bad\n"
    done = await ended(two, await send(two, "#!/usr/bin/env python3", "print('x' * 30000, end='')"))
    assert done["Status"] == "Success"
    assert done["StandardOutputContent"] == "x" * 24000
    done = await ended(two, await send(two, "import sys", "print(sys.argv[1:])", document=PYTHON))
    assert (done["PluginName"], done["StandardOutputContent"]) == ("aws:runPythonScript", "[]\n")
    assert not list(tmp_path.glob("ssm.*"))


async def test_a_command_that_takes_too_long_is_ended_and_one_can_be_cancelled(two: House) -> None:
    late = await send(two, "echo begun; exec sleep 600", Parameters={"executionTimeout": ["1"]})
    running = await send(two, "exec sleep 600")
    done = await ended(two, late)
    assert (done["Status"], done["StatusDetails"]) == ("TimedOut", "ExecutionTimedOut")
    assert (done["StandardOutputContent"], done["ResponseCode"]) == ("begun\n", -1)
    await two.call("CancelCommand", CommandId=running)
    assert (await ended(two, running))["Status"] == "Cancelled"
    (shown,) = (await two.call("ListCommands", CommandId=running))["Commands"]
    assert (shown["Status"], shown["CompletedCount"]) == ("Cancelled", 1)
    await two.call("CancelCommand", CommandId=late)
    assert (await ended(two, late))["Status"] == "TimedOut"


async def test_targets_and_lists(two: House) -> None:
    tagged = await send(two, "true", Targets=[{"Key": "tag:job", "Values": ["serve"]}])
    assert (await ended(two, tagged, SECOND))["Status"] == "Success"
    both = await send(two, "echo out; echo err >&2", Targets=[{"Key": "InstanceIds", "Values": ["*"]}])
    for each in (FIRST, SECOND):
        await ended(two, both, each)
    listed = await two.call("ListCommandInvocations", Details=True, MaxResults=2)
    assert len(listed["CommandInvocations"]) == 2
    rest = await two.call("ListCommandInvocations", MaxResults=2, NextToken=listed["NextToken"])
    assert len(rest["CommandInvocations"]) == 1 and not rest["NextToken"]
    every = [*listed["CommandInvocations"], *rest["CommandInvocations"]]
    assert {(each["CommandId"], each["InstanceId"]) for each in every} == {
        (tagged, SECOND),
        (both, FIRST),
        (both, SECOND),
    }
    nobody = await send(two, "true", Targets=[{"Key": "tag:job", "Values": ["none"]}])
    (shown,) = (await two.call("ListCommands", CommandId=nobody))["Commands"]
    assert shown["StatusDetails"] == "NoInstancesInTag"
    found = await two.call("ListCommands", InstanceId=FIRST, Filters=[{"key": "Status", "value": "Success"}])
    assert [each["CommandId"] for each in found["Commands"]] == [both]
    found = await two.call("DescribeInstanceInformation", Filters=[{"Key": "tag:job", "Values": ["train"]}])
    assert [each["InstanceId"] for each in found["InstanceInformationList"]] == [FIRST]


async def test_too_many_errors_end_the_rest(two: House) -> None:
    two.machines.gone = True
    command = await send(
        two, "true", Targets=[{"Key": "InstanceIds", "Values": ["*"]}], MaxConcurrency="1", MaxErrors="0"
    )
    assert (await ended(two, command))["Status"] == "Failed"
    second = await ended(two, command, SECOND)
    assert (second["Status"], second["StatusDetails"]) == ("Cancelled", "Terminated")


async def test_what_the_platform_left_is_said_to_have_failed(two: House) -> None:
    command = await send(two, "exec sleep 600")
    await two.ssm.stop()
    await two.ssm.start()
    done = await ended(two, command)
    assert done["Status"] == "Failed"
    assert "Sagehen ended" in done["StandardErrorContent"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"InstanceIds": ["i-0000000000000000f"]}, "InvalidInstanceId"),
        ({"InstanceIds": [FIRST, FIRST]}, "DuplicateInstanceId"),
        ({"InstanceIds": []}, "ValidationException"),
        ({"Targets": [{"Key": "tag:a", "Values": ["b"]}]}, "ValidationException"),
        ({"InstanceIds": [], "Targets": [{"Key": "other", "Values": ["b"]}]}, "ValidationException"),
        ({"DocumentName": "mine"}, "InvalidDocument"),
        ({"DocumentName": "AWS-ConfigureAWSPackage"}, "NotImplemented"),
        ({"DocumentVersion": "7"}, "InvalidDocumentVersion"),
        ({"Parameters": {}}, "InvalidParameters"),
        ({"Parameters": {"commands": ["a\0b"]}}, "InvalidParameters"),
        ({"Parameters": {"commands": ["x" * 70_000]}}, "InvalidParameters"),
        ({"Parameters": {"commands": ["true"], "other": ["x"]}}, "InvalidParameters"),
        ({"Parameters": {"commands": ["true"], "executionTimeout": ["0"]}}, "InvalidParameters"),
        ({"Parameters": {"commands": ["true"], "executionTimeout": ["\u0663"]}}, "InvalidParameters"),
        ({"Parameters": {"commands": ["true"], "workingDirectory": ["-C /"]}}, "InvalidParameters"),
        ({"OutputS3BucketName": "bucket"}, "NotImplemented"),
    ],
)
async def test_what_cannot_be_run_is_refused(two: House, change: dict[str, Any], code: str) -> None:
    usual = {"DocumentName": SHELL, "InstanceIds": [FIRST], "Parameters": {"commands": ["true"]}}
    assert await two.refusal("SendCommand", **(usual | change)) == code


async def test_what_is_not_there(two: House) -> None:
    nothing = "0" * 36
    assert await two.refusal("CancelCommand", CommandId=nothing) == "InvalidCommandId"
    assert await two.refusal("ListCommands", CommandId=nothing) == "InvalidCommandId"
    assert (
        await two.refusal("GetCommandInvocation", CommandId=nothing, InstanceId=FIRST)
        == "InvocationDoesNotExist"
    )


@pytest.mark.parametrize(
    ("statuses", "max_errors", "found"),
    [
        ("Pending Pending", "0", ("Pending", "Pending")),
        ("Success Pending", "0", ("InProgress", "InProgress")),
        ("Success Success", "0", ("Success", "Success")),
        ("Success Failed", "0", ("Failed", "Failed")),
        ("Success Failed", "1", ("Failed", "Incomplete")),
        ("Success Failed", "50%", ("Failed", "Incomplete")),
        ("TimedOut TimedOut", "1", ("TimedOut", "TimedOut")),
    ],
)
def test_the_state_of_a_command(statuses: str, max_errors: str, found: tuple[str, str]) -> None:
    command = Command(
        command_id="c",
        document=SHELL,
        parameters={},
        instance_ids=[],
        targets=[],
        comment="",
        requested_at=0,
        timeout_s=60,
        max_concurrency="50",
        max_errors=max_errors,
    )
    of = [
        Invocation(
            command_id="c", instance_id=str(at), host_name="", requested_at=0, status=each, details=each
        )
        for at, each in enumerate(statuses.split())
    ]
    assert state(command, of) == found
    assert most("33%", 10) == 3
    assert SCOPE.region


async def test_more_than_can_wait_is_throttled(two: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sagehen.services.ssm.commands.running._MOST_WAITING", 1)
    waits = await send(two, "sleep 60")
    assert await two.refusal("SendCommand", DocumentName=SHELL, **_ECHO) == "ThrottlingException"
    await two.call("CancelCommand", CommandId=waits)
    await ended(two, waits)
    async with asyncio.timeout(60):
        while not await _is_taken(two):  # a moment after it was written down
            await asyncio.sleep(0.01)


async def _is_taken(house: House) -> bool:
    try:
        await send(house, "echo")
    except ServiceError:
        return False
    return True


_ECHO: dict[str, Any] = {"InstanceIds": [FIRST], "Parameters": {"commands": ["echo"]}}
