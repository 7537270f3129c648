"""Lifecycle configurations and code repositories."""

from __future__ import annotations

import pytest

from sagehen.api.errors import NotImplementedOperation, ValidationException
from tests.unit.sagemaker.notebooks.conftest import Notebooks
from tests.unit.sagemaker.notebooks.test_lifecycle import CONFIG_ARN, encoded

NAME = "NotebookInstanceLifecycleConfigName"


async def test_a_lifecycle_configuration_and_its_scripts(notebooks: Notebooks) -> None:
    await notebooks.with_script(OnCreate=encoded("one"))
    described = await notebooks("DescribeNotebookInstanceLifecycleConfig", **{NAME: "setup"})
    assert described["NotebookInstanceLifecycleConfigArn"] == CONFIG_ARN
    assert (described["OnCreate"], described["OnStart"]) == ([{"Content": encoded("one")}], [])
    with pytest.raises(ValidationException, match="already exists"):
        await notebooks.with_script()
    await notebooks.clock.advance(5)
    await notebooks(
        "UpdateNotebookInstanceLifecycleConfig",
        **{NAME: "setup", "OnStart": [{"Content": encoded("two")}]},
    )
    changed = await notebooks("DescribeNotebookInstanceLifecycleConfig", **{NAME: "setup"})
    assert changed["OnCreate"] == described["OnCreate"]
    assert changed["OnStart"] == [{"Content": encoded("two")}]
    assert changed["LastModifiedTime"] > changed["CreationTime"]
    listed = await notebooks("ListNotebookInstanceLifecycleConfigs", SortBy="LastModifiedTime")
    assert [one[NAME] for one in listed["NotebookInstanceLifecycleConfigs"]] == ["setup"]
    await notebooks("DeleteNotebookInstanceLifecycleConfig", **{NAME: "setup"})
    for verb in ("Describe", "Update", "Delete"):
        with pytest.raises(ValidationException) as missing:
            await notebooks(f"{verb}NotebookInstanceLifecycleConfig", **{NAME: "setup"})
        assert missing.value.message == (
            f"Unable to {verb.lower()} Notebook Instance Lifecycle Config '{CONFIG_ARN}'. "
            "(Details: Notebook Instance Lifecycle Config does not exist.)"
        )


async def test_a_lifecycle_configuration_in_use_stays(notebooks: Notebooks) -> None:
    await notebooks.with_script(OnStart=encoded("one"))
    await notebooks.create(LifecycleConfigName="setup")
    await notebooks.until("InService")
    with pytest.raises(ValidationException, match=r"is in use by arn:.*notebook-instance/nb-1"):
        await notebooks("DeleteNotebookInstanceLifecycleConfig", **{NAME: "setup"})


async def test_a_code_repository(notebooks: Notebooks) -> None:
    git = {"RepositoryUrl": "https://git.example/a/lab.git", "Branch": "main"}
    made = await notebooks("CreateCodeRepository", CodeRepositoryName="Lab", GitConfig=git)
    assert made["CodeRepositoryArn"].endswith(":code-repository/lab")
    described = await notebooks("DescribeCodeRepository", CodeRepositoryName="Lab")
    assert described["GitConfig"] == git
    with pytest.raises(ValidationException, match="Cannot create already existing code repository"):
        await notebooks("CreateCodeRepository", CodeRepositoryName="Lab", GitConfig=git)
    secret = {"SecretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:x"}
    with pytest.raises(NotImplementedOperation, match="Secrets Manager"):
        await notebooks("CreateCodeRepository", CodeRepositoryName="Other", GitConfig=git | secret)
    with pytest.raises(NotImplementedOperation, match="Secrets Manager"):
        await notebooks("UpdateCodeRepository", CodeRepositoryName="Lab", GitConfig=secret)
    await notebooks("UpdateCodeRepository", CodeRepositoryName="Lab")
    listed = await notebooks("ListCodeRepositories", NameContains="la")
    assert [one["CodeRepositoryName"] for one in listed["CodeRepositorySummaryList"]] == ["Lab"]

    await notebooks.create(DefaultCodeRepository="Lab")
    await notebooks.until("InService")
    assert notebooks.servers.done[0] == ("run", ("lab", git["RepositoryUrl"], "main"))
    await notebooks("DeleteCodeRepository", CodeRepositoryName="Lab")
    with pytest.raises(ValidationException, match="Cannot find CodeRepository"):
        await notebooks("DescribeCodeRepository", CodeRepositoryName="Lab")
    # An instance that names it says so when it starts the next time.
    await notebooks("StopNotebookInstance", NotebookInstanceName="Nb-1")
    await notebooks.until("Stopped")
    await notebooks("StartNotebookInstance", NotebookInstanceName="Nb-1")
    assert "Cannot find CodeRepository" in (await notebooks.until("Failed"))["FailureReason"]
