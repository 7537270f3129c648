"""Notebook instances through boto3 alone, as far as none has to run."""

from __future__ import annotations

import base64
import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.sagemaker.test_training import TRUST

SCRIPT = base64.b64encode(b"#!/bin/bash\ntrue\n").decode()


def refusal(call: Any, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call(**request)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def test_scripts_and_repositories_have_names_tags_and_an_end(client: Any) -> None:
    sagemaker, name = client("sagemaker"), f"Nb-{uuid.uuid4().hex[:8]}"
    arn = sagemaker.create_notebook_instance_lifecycle_config(
        NotebookInstanceLifecycleConfigName=name,
        OnStart=[{"Content": SCRIPT}],
        Tags=[{"Key": "of", "Value": "test"}],
    )["NotebookInstanceLifecycleConfigArn"]
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "of", "Value": "test"}]
    described = sagemaker.describe_notebook_instance_lifecycle_config(
        NotebookInstanceLifecycleConfigName=name
    )
    assert (described["OnCreate"], described["OnStart"]) == ([], [{"Content": SCRIPT}])
    sagemaker.delete_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName=name)
    code, _ = refusal(sagemaker.list_tags, ResourceArn=arn)
    assert code == "ValidationException"

    git = {"RepositoryUrl": "https://git.example/lab.git"}
    sagemaker.create_code_repository(CodeRepositoryName=name, GitConfig=git)
    listed = sagemaker.list_code_repositories(NameContains=name)["CodeRepositorySummaryList"]
    assert [one["GitConfig"] for one in listed] == [git]
    sagemaker.delete_code_repository(CodeRepositoryName=name)
    code, message = refusal(sagemaker.describe_code_repository, CodeRepositoryName=name)
    assert (code, message.startswith("Cannot find CodeRepository")) == ("ValidationException", True)


def test_what_is_not_there_ends_a_waiter(client: Any) -> None:
    sagemaker, name = client("sagemaker"), f"Nb-{uuid.uuid4().hex[:8]}"
    # Terraform looks for the word, boto3's waiter for the code.
    assert refusal(sagemaker.describe_notebook_instance, NotebookInstanceName=name) == (
        "ValidationException",
        "RecordNotFound",
    )
    sagemaker.get_waiter("notebook_instance_deleted").wait(NotebookInstanceName=name)


def test_rights_may_depend_on_what_the_instance_is(client: Any) -> None:
    iam, name = client("iam"), f"Nb-{uuid.uuid4().hex[:8]}"
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    iam.create_user(UserName=name)
    statement = {
        "Effect": "Allow",
        "Action": ["sagemaker:CreateNotebookInstance", "iam:PassRole"],
        "Resource": "*",
        "Condition": {"StringEqualsIfExists": {"sagemaker:RootAccess": "Disabled"}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=name, PolicyName="notebooks", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    users = client(
        "sagemaker",
        credentials={"AccessKeyId": key["AccessKeyId"], "SecretAccessKey": key["SecretAccessKey"]},
    )
    request = {"NotebookInstanceName": name, "InstanceType": "ml.t3.medium", "RoleArn": role}
    code, message = refusal(users.create_notebook_instance, **request)
    assert code == "AccessDeniedException"
    assert f"notebook-instance/{name.lower()}" in message
    # With the right it comes as far as the next fault.
    code, message = refusal(
        users.create_notebook_instance, **request, RootAccess="Disabled", DefaultCodeRepository="gone"
    )
    assert (code, message.startswith("Cannot find CodeRepository")) == ("ValidationException", True)
