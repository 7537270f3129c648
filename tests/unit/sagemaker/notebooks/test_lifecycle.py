"""A notebook instance from its creation to its end, over a fake machine."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import replace
from typing import Any

import pytest

from sagehen.api.errors import ServiceError, ValidationException
from sagehen.domain.access import AccessDenied
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.instances.capacity import Memory
from sagehen.services.sagemaker.notebooks.records import MOST_INSTANCES
from tests.unit.sagemaker.conftest import ROLE, SCOPE
from tests.unit.sagemaker.notebooks.conftest import Notebooks

ARN = "arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/nb-1"
CONFIG_ARN = "arn:aws:sagemaker:us-east-1:123456789012:notebook-instance-lifecycle-config/setup"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


async def change(notebooks: Notebooks, verb: str, status: str, **request: Any) -> Any:
    await notebooks(f"{verb}NotebookInstance", NotebookInstanceName="Nb-1", **request)
    return await notebooks.until(status)


async def test_made_stopped_changed_started_and_deleted(notebooks: Notebooks) -> None:
    servers = notebooks.servers
    servers.may_serve.clear()
    assert await notebooks.create() == {"NotebookInstanceArn": ARN}
    assert (await notebooks.describe())["NotebookInstanceStatus"] == "Pending"
    servers.may_serve.set()
    described = await notebooks.until("InService")
    assert described | {"VolumeSizeInGB": 5, "RootAccess": "Enabled", "RoleArn": ROLE} == described
    assert described["Url"] == "nb-1.notebook.us-east-1.localhost:4566"
    assert "FailureReason" not in described
    assert "SubnetId" not in described
    (server,) = servers.launched
    assert server.wanted.base_path == "/_aws/notebook/us-east-1/nb-1/"

    with pytest.raises(ValidationException, match=r"Unable to transition to \(Deleting\)"):
        await change(notebooks, "Delete", "Deleting")
    await change(notebooks, "Stop", "Stopped")
    assert server.graces == [5.0]
    assert not servers.running

    await change(notebooks, "Update", "Stopped", VolumeSizeInGB=8, InstanceType="ml.m5.large")
    assert servers.volumes == {server.wanted.volume_id: 8}
    await change(notebooks, "Start", "InService")
    again = servers.launched[1].wanted
    assert (again.volume_id, again.instance_type) == (server.wanted.volume_id, "ml.m5.large")

    await change(notebooks, "Stop", "Stopped")
    await notebooks("DeleteNotebookInstance", NotebookInstanceName="Nb-1")
    with pytest.raises(ValidationException, match="RecordNotFound"):
        await notebooks.until("Deleted")
    assert not servers.volumes
    # A namesake is another one, from the very moment that the name is free.
    await notebooks.create()
    await notebooks.until("InService")
    assert servers.launched[2].wanted.volume_id != server.wanted.volume_id


async def test_scripts_run_in_order_and_say_what_they_say_in_their_streams(notebooks: Notebooks) -> None:
    await notebooks.with_script(OnCreate=encoded("create"), OnStart=encoded("start"))
    await notebooks.create(LifecycleConfigName="setup", DefaultCodeRepository="https://git.example/a/lab.git")
    await notebooks.until("InService")
    clone = ("run", ("lab", "https://git.example/a/lab.git", ""))
    on_create, on_start = ("LifecycleConfigOnCreate", b"create"), ("LifecycleConfigOnStart", b"start")
    assert notebooks.servers.done == [clone, on_create, on_start, ("serve", "lab")]
    assert notebooks.logs.lines == {
        "Nb-1/LifecycleConfigOnCreate": ["hello from LifecycleConfigOnCreate"],
        "Nb-1/LifecycleConfigOnStart": ["hello from LifecycleConfigOnStart"],
        "Nb-1/jupyter.log": ["sagehen: the machine is up", "Jupyter Server is running"],
    }
    # OnCreate "runs only once, when you create a notebook instance".
    notebooks.servers.done.clear()
    await change(notebooks, "Stop", "Stopped")
    await change(notebooks, "Start", "InService")
    assert notebooks.servers.done == [clone, on_start, ("serve", "lab")]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (
            None,
            f"Notebook Instance Lifecycle Config '{CONFIG_ARN}' for Notebook Instance '{ARN}' took longer "
            "than 5 minutes. Please check your CloudWatch logs for more details if your Notebook Instance "
            "has Internet access.",
        ),
        (
            3,
            f"Notebook Instance Lifecycle Config '{CONFIG_ARN}' for Notebook Instance '{ARN}' failed: "
            "OnCreate exited with code 3. Please check your CloudWatch logs for more details.",
        ),
    ],
)
async def test_a_script_that_fails_fails_the_instance_until_it_is_mended(
    notebooks: Notebooks, code: int | None, reason: str
) -> None:
    notebooks.servers.codes["LifecycleConfigOnCreate"] = code
    await notebooks.with_script(OnCreate=encoded("false"))
    await notebooks.create(LifecycleConfigName="setup")
    assert (await notebooks.until("Failed"))["FailureReason"] == reason
    assert not notebooks.servers.running
    notebooks.servers.codes.clear()
    await notebooks(
        "UpdateNotebookInstanceLifecycleConfig",
        NotebookInstanceLifecycleConfigName="setup",
        OnCreate=[{"Content": encoded("true")}],
    )
    assert "FailureReason" not in await change(notebooks, "Start", "InService")
    assert notebooks.servers.done[-2:] == [("LifecycleConfigOnCreate", b"true"), ("serve", "")]


async def test_why_one_does_not_come_up(notebooks: Notebooks) -> None:
    servers = notebooks.servers
    notebooks.memory = Memory(16_384, 900)
    await notebooks.create()
    assert (await notebooks.until("Failed"))["FailureReason"].startswith("Insufficient notebook instance")
    notebooks.memory = Memory(16_384, 12_000)
    servers.refusal = "JupyterLab is not installed"
    await notebooks("StartNotebookInstance", NotebookInstanceName="Nb-1")
    assert (await notebooks.until("Failed"))["FailureReason"] == "JupyterLab is not installed"
    servers.refusal = ""
    servers.codes["run"], servers.git_says = 128, ["Cloning into 'lab'...", "fatal: no"]
    await change(notebooks, "Update", "Stopped", AdditionalCodeRepositories=["https://git.example/lab"])
    await notebooks("StartNotebookInstance", NotebookInstanceName="Nb-1")
    assert (await notebooks.until("Failed"))["FailureReason"] == "fatal: no"
    assert not servers.running


async def test_a_volume_that_cannot_grow_is_no_update(notebooks: Notebooks) -> None:
    await notebooks.create()
    await notebooks.until("InService")
    await change(notebooks, "Stop", "Stopped")
    notebooks.servers.refusal = "the disk is full"
    await notebooks("UpdateNotebookInstance", NotebookInstanceName="Nb-1", VolumeSizeInGB=9)
    assert (await notebooks.until("Failed"))["FailureReason"] == "the disk is full"


async def test_a_machine_that_dies_is_replaced_and_one_that_cannot_stay_fails(notebooks: Notebooks) -> None:
    servers = notebooks.servers
    await notebooks.create()
    await notebooks.until("InService")
    for count in (1, 2):
        servers.launched[-1].die("out of memory")
        await notebooks.clock.advance(3)
        async with asyncio.timeout(30):
            while len(servers.launched) <= count or notebooks.parts.loops.server(_record(notebooks)) is None:
                await notebooks.clock.advance(1)
        assert (await notebooks.describe())["NotebookInstanceStatus"] == "InService"
    servers.launched[-1].die("out of memory")
    assert (await notebooks.until("Failed"))["FailureReason"] == "out of memory"
    assert not servers.running


def _record(notebooks: Notebooks) -> Any:
    return notebooks.parts.entrance._records.get(SCOPE, "Nb-1")


async def test_a_kill_of_the_platform_loses_nothing(notebooks: Notebooks) -> None:
    await notebooks.with_script(OnCreate=encoded("create"), OnStart=encoded("start"))
    await notebooks.create(LifecycleConfigName="setup")
    await notebooks.until("InService")
    volume = notebooks.servers.launched[0].wanted.volume_id
    notebooks.servers.may_launch.clear()
    await notebooks.create("pending")
    notebooks.servers.done.clear()
    notebooks.servers.launched.clear()

    await notebooks.restart()
    assert volume in notebooks.servers.kept
    assert (await notebooks.describe())["NotebookInstanceStatus"] == "InService"
    assert notebooks.parts.loops.server(_record(notebooks)) is None
    notebooks.servers.may_launch.set()
    await notebooks.until("InService", "pending")
    async with asyncio.timeout(30):
        while notebooks.parts.loops.server(_record(notebooks)) is None:
            await notebooks.clock.advance(0.01)
    assert {server.wanted.volume_id for server in notebooks.servers.launched} == notebooks.servers.kept
    assert ("LifecycleConfigOnCreate", b"create") not in notebooks.servers.done
    assert ("LifecycleConfigOnStart", b"start") in notebooks.servers.done

    # In the middle of a stop, nothing runs any more: it is Stopped.
    await notebooks.parts.loops._records.change(SCOPE, "pending", lambda one: replace(one, status="Stopping"))
    await notebooks.restart()
    await notebooks.until("Stopped", "pending")


async def test_stopping_one_that_comes_up_again_ends_its_start(notebooks: Notebooks) -> None:
    await notebooks.create()
    await notebooks.until("InService")
    notebooks.servers.may_launch.clear()
    await notebooks.restart()
    await change(notebooks, "Stop", "Stopped")
    assert not notebooks.servers.running


async def test_names_roles_and_parts_must_be_right(notebooks: Notebooks) -> None:
    await notebooks.create()
    for refused in ("Nb-1", "NB-1"):
        with pytest.raises(ValidationException) as taken:
            await notebooks.create(refused)
        assert taken.value.message == f"Cannot create a duplicate Notebook Instance ({ARN})"
    with pytest.raises(ValidationException, match="Cannot find CodeRepository"):
        await notebooks.create("other", DefaultCodeRepository="gone")
    with pytest.raises(ValidationException, match="Lifecycle Config does not exist"):
        await notebooks.create("other", LifecycleConfigName="gone")
    notebooks.roles.passable = False
    with pytest.raises(AccessDenied):
        await notebooks.create("other")
    notebooks.roles.passable, notebooks.roles.trusted = True, False
    with pytest.raises(ValidationException, match="Could not assume role"):
        await notebooks.create("other")
    for operation in ("Describe", "Start", "Stop", "Update", "Delete"):
        with pytest.raises(ValidationException, match="RecordNotFound"):
            await notebooks(f"{operation}NotebookInstance", NotebookInstanceName="none")


async def test_a_name_that_another_account_has_gets_another_address(notebooks: Notebooks) -> None:
    await notebooks.create("same")
    other = Scope("999988887777", "us-east-1")
    notebooks.roles.require_pass_role = lambda *_: None  # type: ignore[method-assign]
    request = {"NotebookInstanceName": "same", "InstanceType": "ml.t3.medium", "RoleArn": ROLE}
    await notebooks("CreateNotebookInstance", scope=other, **request)
    described = await notebooks("DescribeNotebookInstance", scope=other, NotebookInstanceName="same")
    label = described["Url"].partition(".")[0]
    assert label.startswith("same-")
    assert len(label) == 9


async def test_there_are_only_so_many(notebooks: Notebooks) -> None:
    notebooks.servers.may_launch.clear()
    for number in range(MOST_INSTANCES):
        await notebooks.create(f"nb{number}")
    with pytest.raises(ServiceError, match="request delta of 1 NotebookInstances") as refused:
        await notebooks.create("more")
    assert refused.value.code == "ResourceLimitExceeded"


async def test_the_operator_says_what_can_be_had(notebooks: Notebooks) -> None:
    supply = notebooks.means.supply
    await supply.change("ml.t3.medium", lambda offer: replace(offer, limit=1))
    await notebooks.create()
    await notebooks.until("InService")
    with pytest.raises(ServiceError, match=r"'ml\.t3\.medium for notebook instance usage' is 1 Instances"):
        await notebooks.create("second")
    await notebooks.create("large", InstanceType="ml.t3.large")
    await change(notebooks, "Stop", "Stopped")
    await notebooks.create("second")
    with pytest.raises(ServiceError, match="current utilization of 1 Instances"):
        await change(notebooks, "Start", "InService")
    await supply.change("ml.t3.medium", lambda offer: replace(offer, limit=None, available=False))
    await notebooks("StartNotebookInstance", NotebookInstanceName="Nb-1")
    async with asyncio.timeout(30):
        while (await notebooks.describe())["NotebookInstanceStatus"] == "Pending":
            await notebooks.clock.advance(1)
    assert (await notebooks.describe())["FailureReason"].startswith("Insufficient notebook instance capacity")
    assert "no ml.t3.medium is to be had" in notebooks.logs.lines["Nb-1/jupyter.log"][-2]


async def test_one_that_nobody_uses_is_stopped_if_the_operator_says_so(notebooks: Notebooks) -> None:
    notebooks.parts = notebooks.assemble(idle_s=600)
    await notebooks.parts.loops.start()
    for name in ("Nb-1", "other"):
        await notebooks.create(name)
        await notebooks.until("InService", name)
    await notebooks.clock.advance(700)
    assert (await notebooks.describe())["NotebookInstanceStatus"] == "InService"  # nobody knows
    notebooks.servers.last_activity = notebooks.clock.now()
    await notebooks.clock.advance(590)
    assert (await notebooks.describe())["NotebookInstanceStatus"] == "InService"
    await notebooks.clock.advance(40)
    await notebooks.until("Stopped")
    await notebooks.until("Stopped", "other")
    assert "nobody has used" in notebooks.logs.lines["Nb-1/jupyter.log"][-1]
    await change(notebooks, "Start", "InService")
    await notebooks.clock.advance(590)  # the last activity was long ago; it came up just now
    assert (await notebooks.describe())["NotebookInstanceStatus"] == "InService"


async def test_one_that_says_nonsense_of_its_use_keeps_no_other_from_its_stop(
    notebooks: Notebooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebooks.parts = notebooks.assemble(idle_s=600)
    await notebooks.parts.loops.start()
    for name in ("Nb-1", "other"):
        await notebooks.create(name)
        await notebooks.until("InService", name)

    async def nonsense() -> None:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(notebooks.servers.launched[0], "last_activity", nonsense)
    notebooks.servers.last_activity = notebooks.clock.now()
    await notebooks.clock.advance(640)
    await notebooks.until("Stopped", "other")
    assert (await notebooks.describe())["NotebookInstanceStatus"] == "InService"


async def test_lists_are_sorted_filtered_and_paged(notebooks: Notebooks) -> None:
    notebooks.servers.may_launch.clear()
    await notebooks.with_script(OnStart=encoded("start"))
    for name in ("Bee", "ant", "cat"):
        await notebooks.create(name, AdditionalCodeRepositories=[f"https://git.example/{name}"])
        await notebooks.clock.advance(10)
    await notebooks.create(
        "dog", LifecycleConfigName="setup", DefaultCodeRepository="https://git.example/dog"
    )

    async def names(**request: Any) -> list[str]:
        listed = await notebooks("ListNotebookInstances", **request)
        return [one["NotebookInstanceName"] for one in listed["NotebookInstances"]]

    assert await names() == ["Bee", "ant", "cat", "dog"]  # documented: by name
    assert await names(SortBy="CreationTime", SortOrder="Descending") == ["dog", "cat", "ant", "Bee"]
    assert await names(NameContains="A") == ["ant", "cat"]
    assert await names(StatusEquals="Pending", NameContains="o") == ["dog"]
    assert await names(StatusEquals="Stopped") == []
    assert await names(NotebookInstanceLifecycleConfigNameContains="set") == ["dog"]
    assert await names(DefaultCodeRepositoryContains="dog") == ["dog"]
    assert await names(AdditionalCodeRepositoryEquals="https://git.example/cat") == ["cat"]
    assert await names(AdditionalCodeRepositoryEquals="https://git.example/c") == []
    first = await notebooks("ListNotebookInstances", MaxResults=3)
    assert await names(MaxResults=3, NextToken=first["NextToken"]) == ["dog"]
