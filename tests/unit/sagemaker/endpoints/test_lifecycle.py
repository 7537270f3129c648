"""Endpoints from creation to deletion, through updates, deaths and restarts of the platform."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest

from sagehen.api.errors import ValidationException
from sagehen.executors.base import ExitStatus
from sagehen.modelserver.settings import Settings
from sagehen.services.sagemaker.endpoints.loop import EndpointLoop
from sagehen.services.sagemaker.hosting import source
from sagehen.services.sagemaker.resources.errors import ResourceLimitExceeded
from sagehen.services.sagemaker_runtime.errors import ModelError, ValidationError
from tests.waiting import eventually

from .conftest import SCOPE


async def create(world: Any, name: str = "My-Endpoint", behaviour: str = "ok", **variant: Any) -> None:
    await world.add_model(f"model-{name}", behaviour)
    await world.add_config(f"config-{name}", {"ModelName": f"model-{name}", **variant})
    await world.call("CreateEndpoint", EndpointName=name, EndpointConfigName=f"config-{name}")


async def test_creation_serves_logs_and_describes(world: Any) -> None:
    await create(world, InitialInstanceCount=2)
    creating = await world.call("DescribeEndpoint", EndpointName="My-Endpoint")
    assert creating["EndpointStatus"] == "Creating"
    assert creating["ProductionVariants"][0]["VariantStatus"][0]["Status"] == "Creating"
    described = await world.until_status("My-Endpoint", "InService")
    assert described["EndpointArn"] == "arn:aws:sagemaker:us-east-1:111122223333:endpoint/my-endpoint"
    assert described["EndpointConfigName"] == "config-My-Endpoint"
    variant = described["ProductionVariants"][0]
    assert (variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]) == (2, 2)
    assert "VariantStatus" not in variant and "FailureReason" not in described
    result = await world.invoke("MY-ENDPOINT")
    assert result["InvokedProductionVariant"] == "v0" and result["ContentType"] == "text/plain"
    streams = {stream for group, stream, line in world.recorder.lines if "hello" in line}
    assert len(streams) == 2 and all(len(s) == len("v0/i-") + 17 for s in streams)
    assert {group for group, *_ in world.recorder.lines} == {"/aws/sagemaker/Endpoints/My-Endpoint"}


async def test_more_instances_than_an_endpoint_may_have_are_not_started(world: Any) -> None:
    with pytest.raises(ResourceLimitExceeded, match="for endpoint usage' is 20 Instances"):
        await create(world, "a", InitialInstanceCount=21)
    with pytest.raises(ValidationException, match="Could not find endpoint"):
        await world.call("DescribeEndpoint", EndpointName="a")


async def test_names_are_taken_once(world: Any) -> None:
    await create(world, "a")
    with pytest.raises(ValidationException, match="Cannot create already existing endpoint"):
        await world.call("CreateEndpoint", EndpointName="a", EndpointConfigName="config-a")
    with pytest.raises(ValidationException, match=r'Could not find endpoint configuration "arn:aws:'):
        await world.call("CreateEndpoint", EndpointName="b", EndpointConfigName="config-b")
    for operation in ("DescribeEndpoint", "DeleteEndpoint"):
        with pytest.raises(ValidationException, match="Could not find endpoint"):
            await world.call(operation, EndpointName="nobody")


async def test_a_container_that_exits_fails_the_endpoint_with_awss_words(world: Any) -> None:
    await create(world, "bad", behaviour="exit")
    failed = await world.until_status("bad", "Failed")
    assert failed["FailureReason"] == (
        "The primary container for production variant v0 did not pass the ping health check. "
        "Please check CloudWatch logs for this endpoint."
    )
    assert world.executor.running == []
    with pytest.raises(ValidationError, match=r"^Endpoint bad of account 111122223333 not found\.$"):
        await world.invoke("bad")
    await world.call("DeleteEndpoint", EndpointName="bad")
    await world.until(lambda: world.directory.find(world.context("x").scope, "bad") is None)


async def test_startup_timeout(world: Any) -> None:
    await create(world, "slow", behaviour="never-ready", ContainerStartupHealthCheckTimeoutInSeconds=0.2)
    failed = await world.until_status("slow", "Failed")
    assert "did not pass the ping health check" in failed["FailureReason"]


async def test_model_data_is_brought_once_and_shared_read_only(world: Any) -> None:
    uri = world.put_model("model.tar.gz", {"weights.bin": "w", "code/inference.py": "pass"})
    await world.add_model("m", ModelDataUrl=uri)
    await world.add_config("c", {"ModelName": "m", "InitialInstanceCount": 3})
    await world.call("CreateEndpoint", EndpointName="e", EndpointConfigName="c")
    await world.until_status("e", "InService")
    assert world.objects.downloads == 1
    mounts = {m.source for s in world.executor.started for m in s.spec.mounts if m.target == "/opt/ml/model"}
    (model,) = mounts
    assert (model / "weights.bin").read_text() == "w" and (model / "code" / "inference.py").exists()
    assert not any(
        m.writable for s in world.executor.started for m in s.spec.mounts if m.target == "/opt/ml/model"
    )


async def test_code_in_an_archive_of_its_own_is_brought_beside_the_model(world: Any) -> None:
    """As SKLearnModel and XGBoostModel of the SDK name it."""
    model = world.put_model("model.tar.gz", {"model.joblib": "m"})
    code = world.put_model("sourcedir.tar.gz", {"serve.py": "import json"})
    named = {"SAGEMAKER_PROGRAM": "serve.py", "SAGEMAKER_SUBMIT_DIRECTORY": code}
    await world.add_model("m", ModelDataUrl=model, Environment=named)
    await world.add_config("c", {"ModelName": "m"})
    await world.call("CreateEndpoint", EndpointName="e", EndpointConfigName="c")
    await world.until_status("e", "InService")
    (instance,) = world.executor.started
    (brought,) = [mount for mount in instance.spec.mounts if mount.target == "/opt/ml/code"]
    assert not brought.writable and (brought.source / "serve.py").read_text() == "import json"
    settings = Settings.from_environment(instance.spec.environment)
    assert str(settings.code_dir / settings.program) == "/opt/ml/code/serve.py"


def test_code_is_fetched_from_s3_alone_and_never_without_a_network() -> None:
    def archive(submit: str, isolated: bool = False) -> str | None:
        return source.archive_of({"SAGEMAKER_SUBMIT_DIRECTORY": submit}, isolated)

    assert archive("s3://bucket/code.tar.gz") == "s3://bucket/code.tar.gz"
    assert archive("s3://bucket/code.tar.gz", isolated=True) is None
    assert [archive(submit) for submit in ("/opt/ml/model/code", "file:///etc", "")] == [None] * 3
    assert source.archive_of({}, False) is None


async def test_missing_data_and_roles_are_reasons(world: Any) -> None:
    await world.add_model("m", ModelDataUrl="s3://bucket/nothing.tar.gz")
    await world.add_config("c", {"ModelName": "m"})
    await world.call("CreateEndpoint", EndpointName="e", EndpointConfigName="c")
    reason = (await world.until_status("e", "Failed"))["FailureReason"]
    assert reason.startswith("Could not access model data at s3://bucket/nothing.tar.gz.")
    await world.add_model("o", Environment={"SAGEMAKER_SUBMIT_DIRECTORY": "s3://"})
    await world.add_config("g", {"ModelName": "o"})
    await world.call("CreateEndpoint", EndpointName="g", EndpointConfigName="g")
    assert "Invalid S3 URI: s3://" in (await world.until_status("g", "Failed"))["FailureReason"]
    await world.add_model("n", role="arn:aws:iam::111122223333:role/gone")
    await world.add_config("d", {"ModelName": "n"})
    await world.call("CreateEndpoint", EndpointName="f", EndpointConfigName="d")
    assert "may not assume" in (await world.until_status("f", "Failed"))["FailureReason"]


async def test_an_archive_that_leads_out_of_its_folder_is_refused(world: Any) -> None:
    uri = world.put_model("evil.tar.gz", {"../../evil": "x"})
    await world.add_model("m", ModelDataUrl=uri)
    await world.add_config("c", {"ModelName": "m"})
    await world.call("CreateEndpoint", EndpointName="e", EndpointConfigName="c")
    reason = (await world.until_status("e", "Failed"))["FailureReason"]
    assert reason.startswith("Failed to extract model data archive")
    # os.walk goes on where a folder of the failed instance is removed meanwhile.
    assert not [folder for folder, _, files in os.walk(world.folder) if "evil" in files]


async def test_a_dead_instance_is_replaced_without_a_failed_request(world: Any) -> None:
    await create(world, InitialInstanceCount=2)
    await world.until_status("My-Endpoint", "InService")
    failures: list[Exception] = []
    stopping = False

    async def caller() -> None:
        while not stopping:
            try:
                await world.invoke("My-Endpoint")
            except Exception as error:
                failures.append(error)
            await asyncio.sleep(0)

    callers = [asyncio.create_task(caller()) for _ in range(4)]
    victim = world.executor.running[0]
    await asyncio.sleep(0.05)
    victim.end(ExitStatus(137, 9))
    await world.until(lambda: len(world.executor.started) == 3 and len(world.executor.running) == 2)
    await asyncio.sleep(0.1)
    stopping = True
    await asyncio.gather(*callers)
    assert failures == []
    described = await world.call("DescribeEndpoint", EndpointName="My-Endpoint")
    assert described["EndpointStatus"] == "InService"
    assert any("ended with exit code 137" in line for *_, line in world.recorder.lines)


async def test_update_switches_without_a_failed_request(world: Any) -> None:
    await create(world)
    await world.until_status("My-Endpoint", "InService")
    old = world.executor.running[0].name
    await world.add_model("second")
    await world.add_config("next", {"ModelName": "second", "VariantName": "green"})
    seen: list[str] = []
    stopping = False

    async def caller() -> None:
        while not stopping:
            seen.append((await world.invoke("My-Endpoint"))["Body"].decode())
            await asyncio.sleep(0)

    task = asyncio.create_task(caller())
    slow = asyncio.create_task(world.invoke("My-Endpoint", b"slow"))
    await asyncio.sleep(0.02)
    await world.call("UpdateEndpoint", EndpointName="My-Endpoint", EndpointConfigName="next")
    updating = await world.call("DescribeEndpoint", EndpointName="My-Endpoint")
    assert updating["EndpointStatus"] == "Updating"
    assert updating["EndpointConfigName"] == "config-My-Endpoint"
    assert updating["PendingDeploymentSummary"]["EndpointConfigName"] == "next"
    with pytest.raises(ValidationException, match="Cannot update in-progress endpoint"):
        await world.call("UpdateEndpoint", EndpointName="My-Endpoint", EndpointConfigName="next")
    described = await world.until_status("My-Endpoint", "InService")
    assert described["EndpointConfigName"] == "next" and "PendingDeploymentSummary" not in described
    stopping = True
    await task
    assert (await slow)["Body"].decode() == old  # the old instance answered before it went
    assert seen[0] == old and seen[-1] == world.executor.running[0].name != old
    assert world.executor.started[0].signals == ["TERM"]


async def test_a_failed_update_rolls_back(world: Any) -> None:
    await create(world)
    await world.until_status("My-Endpoint", "InService")
    await world.add_model("broken", "exit")
    await world.add_config("next", {"ModelName": "broken", "VariantName": "green"})
    await world.call("UpdateEndpoint", EndpointName="My-Endpoint", EndpointConfigName="next")
    described = await world.until_status("My-Endpoint", "InService")
    assert described["EndpointConfigName"] == "config-My-Endpoint"
    assert "production variant green did not pass" in described["FailureReason"]
    assert (await world.invoke("My-Endpoint"))["InvokedProductionVariant"] == "v0"


async def test_weights_and_capacities(world: Any) -> None:
    await world.add_model("m")
    await world.add_config(
        "c", {"ModelName": "m", "VariantName": "a"}, {"ModelName": "m", "VariantName": "b"}
    )
    await world.call("CreateEndpoint", EndpointName="e", EndpointConfigName="c")
    await world.until_status("e", "InService")
    change = [
        {"VariantName": "a", "DesiredWeight": 0.0},
        {"VariantName": "b", "DesiredInstanceCount": 3},
    ]
    await world.call(
        "UpdateEndpointWeightsAndCapacities", EndpointName="e", DesiredWeightsAndCapacities=change
    )
    described = await world.until_status("e", "InService")
    counts = {v["VariantName"]: v["CurrentInstanceCount"] for v in described["ProductionVariants"]}
    assert counts == {"a": 1, "b": 3}
    assert {(await world.invoke("e"))["InvokedProductionVariant"] for _ in range(20)} == {"b"}
    assert (await world.invoke("e", TargetVariant="a"))["InvokedProductionVariant"] == "a"
    await world.call(
        "UpdateEndpointWeightsAndCapacities",
        EndpointName="e",
        DesiredWeightsAndCapacities=[{"VariantName": "b", "DesiredInstanceCount": 1}],
    )
    await world.until_status("e", "InService")
    assert len(world.executor.running) == 2
    with pytest.raises(ValidationException):
        await world.call(
            "UpdateEndpointWeightsAndCapacities",
            EndpointName="e",
            DesiredWeightsAndCapacities=[{"VariantName": "zz", "DesiredWeight": 1.0}],
        )


async def test_deletion_leaves_nothing(world: Any) -> None:
    await create(world)
    await world.until_status("My-Endpoint", "InService")
    await world.call("DeleteEndpoint", EndpointName="My-Endpoint")
    await world.until(lambda: not world.database.all("SELECT * FROM sagemaker_endpoints"))
    assert world.executor.running == []
    assert not world.database.all("SELECT * FROM sagemaker_endpoint_instances")
    assert not list((world.folder / "endpoints").iterdir())
    with pytest.raises(ValidationError, match="not found"):
        await world.invoke("My-Endpoint")


async def test_a_restart_brings_endpoints_back_by_themselves(world: Any) -> None:
    await create(world, InitialInstanceCount=2)
    await world.until_status("My-Endpoint", "InService")
    before = {sandbox.name for sandbox in world.executor.started}
    await world.loops.stop()
    assert world.executor.running == []
    world.begin()
    await world.loops.start()
    described = await world.call("DescribeEndpoint", EndpointName="My-Endpoint")
    assert described["EndpointStatus"] == "InService"
    await asyncio.wait_for(world.invoke("My-Endpoint"), 60)  # so it is answered, after a while
    await world.until(lambda: len(world.executor.running) == 2)
    assert {sandbox.name for sandbox in world.executor.running} == before
    assert sum("the platform was restarted" in line for *_, line in world.recorder.lines) == 2


async def test_an_endpoint_that_could_not_be_brought_back_at_once_is_all_the_same(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await create(world, InitialInstanceCount=2)
    await world.until_status("My-Endpoint", "InService")
    await world.loops.stop()
    world.begin()
    real, failures = EndpointLoop._launch, [OSError("no process to be had")]

    def launch(loop: EndpointLoop, *arguments: Any, **named: Any) -> None:
        if loop.instances and failures:  # the second instance
            raise failures.pop()
        real(loop, *arguments, **named)

    monkeypatch.setattr(EndpointLoop, "_launch", launch)
    await world.loops.start()
    await world.until(lambda: not failures)
    await world.until(lambda: len(world.executor.running) == 2)
    assert (await world.call("DescribeEndpoint", EndpointName="My-Endpoint"))["EndpointStatus"] == "InService"


async def test_an_endpoint_is_found_after_a_restart_before_anything_is_waited_for(world: Any) -> None:
    await create(world)
    await world.until_status("My-Endpoint", "InService")
    await world.loops.stop()
    world.database.write_now(  # it had just ended, and the next one was not on record yet
        lambda tx: tx.execute("DELETE FROM sagemaker_endpoint_instances")
    )
    world.begin()
    await world.loops.start()  # then the door opens
    found = world.directory.find(SCOPE, "My-Endpoint")
    assert found is not None and found.router is not None
    await world.until_status("My-Endpoint", "InService")


async def test_a_restart_finishes_what_was_begun(world: Any) -> None:
    await create(world, behaviour="never-ready", ContainerStartupHealthCheckTimeoutInSeconds=30)
    await world.until(lambda: world.executor.running)
    await world.loops.stop()
    assert world.database.all("SELECT * FROM sagemaker_endpoint_instances")
    world.database.write_now(
        lambda tx: tx.execute(
            "UPDATE sagemaker_endpoints SET document = replace(document, 'never-ready', 'ok')"
        )
    )
    world.begin()
    await world.loops.start()
    await world.until_status("My-Endpoint", "InService")
    assert len(world.executor.running) == 1


async def test_model_errors_carry_awss_words_and_metrics(world: Any) -> None:
    await create(world)
    await world.until_status("My-Endpoint", "InService")
    with pytest.raises(ModelError) as raised:
        await world.invoke("My-Endpoint", b"fail")
    error = raised.value
    assert error.message == (
        'Received server error (500) from primary with message "the model says no". See '
        "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1"
        "#logEventViewer:group=/aws/sagemaker/Endpoints/My-Endpoint in account 111122223333 "
        "for more information."
    )
    assert error.members["OriginalStatusCode"] == 500
    assert error.members["OriginalMessage"] == "the model says no"
    recorded = {name: value for space, name, value, _ in world.recorder.metrics if space == "AWS/SageMaker"}
    assert recorded["InvocationModelErrors"] == 1 and recorded["Invocation4XXErrors"] == 1
    assert 0 < recorded["ModelLatency"] < 1e6 and recorded["OverheadLatency"] >= 0


async def test_listing_filters_and_pages(world: Any) -> None:
    for name in ("one", "two", "three"):
        await create(world, name)
    first = await world.call("ListEndpoints", SortBy="Name", SortOrder="Ascending", MaxResults=2)
    assert [e["EndpointName"] for e in first["Endpoints"]] == ["one", "three"]
    second = await world.call(
        "ListEndpoints", SortBy="Name", SortOrder="Ascending", MaxResults=2, NextToken=first["NextToken"]
    )
    assert [e["EndpointName"] for e in second["Endpoints"]] == ["two"] and second["NextToken"] is None
    for name in ("one", "three"):
        await world.until_status(name, "InService")
    found = await world.call("ListEndpoints", NameContains="hre", StatusEquals="InService")
    assert [e["EndpointName"] for e in found["Endpoints"]] == ["three"]


async def test_what_a_killed_platform_had_not_removed_goes_at_the_next_start(world: Any) -> None:
    await create(world)
    await world.until_status("My-Endpoint", "InService")
    await world.loops.stop()
    [endpoint] = (world.folder / "endpoints").iterdir()
    [instance] = (endpoint / "instances").iterdir()
    for left in (endpoint / "instances" / "i-dead", world.folder / "endpoints" / "0123456789abcdef0123"):
        (left / "deep").mkdir(parents=True)
        (left / "deep").chmod(0)
    await world.loops.start()
    instances, endpoints = endpoint / "instances", world.folder / "endpoints"
    await asyncio.to_thread(eventually, lambda: list(instances.iterdir()) == [instance])
    await asyncio.to_thread(eventually, lambda: list(endpoints.iterdir()) == [endpoint])
    assert (await world.until_status("My-Endpoint", "InService"))["EndpointStatus"] == "InService"
