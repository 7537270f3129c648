"""The model registry through boto3 alone: groups, versions, approval, models of packages, other accounts."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from tests.conformance.conftest import ClientFactory

from .conftest import refused
from .test_processing import IMAGE, Stage

# Of sandboxes it asks nothing that endpoints and jobs do not.
pytestmark = pytest.mark.once

MINE, THEIRS = "123456789012", "210987654321"


class Registry:
    """A group of its own in a bucket's name, and short ways to fill it."""

    def __init__(self, client: ClientFactory) -> None:
        self.stage = Stage(client)
        self.sagemaker = self.stage.sagemaker
        self.group = f"Group-{uuid.uuid4().hex[:8]}"
        self.data = f"s3://{self.stage.bucket}/model.tar.gz"
        self.stage.s3.put_object(Bucket=self.stage.bucket, Key="model.tar.gz", Body=b"not opened here")
        made = self.sagemaker.create_model_package_group(
            ModelPackageGroupName=self.group,
            ModelPackageGroupDescription="birds",
            Tags=[{"Key": "team", "Value": "red"}],
        )
        self.group_arn = made["ModelPackageGroupArn"]

    def specification(self, **container: Any) -> dict[str, Any]:
        return {
            "Containers": [{"Image": IMAGE, "ModelDataUrl": self.data, **container}],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
            "SupportedRealtimeInferenceInstanceTypes": ["ml.m5.large"],
            "SupportedTransformInstanceTypes": ["ml.m5.large"],
        }

    def register(self, **changes: Any) -> str:
        request = {
            "ModelPackageGroupName": self.group,
            "InferenceSpecification": self.specification(Environment={"A": "package", "B": "package"}),
            **changes,
        }
        arn: str = self.sagemaker.create_model_package(**request)["ModelPackageArn"]
        return arn

    def create_model(self, **container: Any) -> str:
        name = f"model-{uuid.uuid4().hex[:8]}"
        self.sagemaker.create_model(
            ModelName=name, ExecutionRoleArn=self.stage.role_arn, PrimaryContainer=container
        )
        return name


@pytest.fixture(scope="module")
def registry(client: ClientFactory) -> Registry:
    return Registry(client)


def test_a_group_is_known_by_name_and_arn_whatever_the_case(registry: Registry) -> None:
    sagemaker, arn = registry.sagemaker, registry.group_arn
    assert arn == f"arn:aws:sagemaker:us-east-1:{MINE}:model-package-group/{registry.group.lower()}"
    for name in (registry.group, arn, registry.group.upper()):
        told = sagemaker.describe_model_package_group(ModelPackageGroupName=name)
        assert told["ModelPackageGroupName"] == registry.group
    assert told["ModelPackageGroupStatus"] == "Completed" and told["ModelPackageGroupDescription"] == "birds"
    assert told["CreatedBy"]["IamIdentity"]["Arn"] == f"arn:aws:iam::{MINE}:root"
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "red"}]
    listed = sagemaker.list_model_package_groups(NameContains=registry.group[-8:])
    assert [group["ModelPackageGroupArn"] for group in listed["ModelPackageGroupSummaryList"]] == [arn]
    again = refused(sagemaker.create_model_package_group, ModelPackageGroupName=registry.group.lower())
    assert again == f"Model Package Group already exists: {arn}"
    absent = refused(sagemaker.describe_model_package_group, ModelPackageGroupName="absent")
    assert absent == f"ModelPackageGroup {arn.rpartition('/')[0]}/absent does not exist."


def test_versions_are_numbered_once_and_told_as_they_were_registered(client: ClientFactory) -> None:
    registry = Registry(client)
    sagemaker = registry.sagemaker
    token, metrics = uuid.uuid4().hex, {"ContentType": "application/json", "S3Uri": "s3://birds/quality.json"}
    told = {
        "ModelPackageDescription": "the first",
        "ModelMetrics": {"ModelQuality": {"Statistics": metrics}},
        "CustomerMetadataProperties": {"accuracy": "0.9"},
        "MetadataProperties": {"CommitId": "abc", "GeneratedBy": "a pipeline"},
        "ModelLifeCycle": {"Stage": "Development", "StageStatus": "PendingApproval"},
        "ModelCard": {"ModelCardStatus": "Draft", "ModelCardContent": '{"model_overview": {}, "other": 1}'},
        "Domain": "COMPUTER_VISION",
        "Task": "CLASSIFICATION",
    }
    first = registry.register(ClientToken=token, **told)
    assert first.endswith(f":model-package/{registry.group.lower()}/1")
    assert registry.register(ClientToken=token, **told) == first
    assert "ClientToken" in refused(registry.register, "ConflictException", ClientToken=token)
    second = registry.register(ModelApprovalStatus="Approved")
    described = sagemaker.describe_model_package(ModelPackageName=first)
    assert {key: described[key] for key in told} == told
    assert (described["ModelPackageVersion"], described["ModelApprovalStatus"]) == (
        1,
        "PendingManualApproval",
    )
    assert described["ModelPackageStatusDetails"] == {"ValidationStatuses": [], "ImageScanStatuses": []}
    assert described["InferenceSpecification"]["Containers"][0]["ModelDataUrl"] == registry.data
    by_short_name = sagemaker.describe_model_package(
        ModelPackageName=f"{registry.group}/1", IncludedData="MetadataOnly"
    )
    assert by_short_name["ModelCard"]["ModelCardContent"] == "{}"
    pages = sagemaker.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName=registry.group_arn, PaginationConfig={"PageSize": 1}
    )
    versions = [page["ModelPackageSummaryList"] for page in pages]
    assert [[each["ModelPackageArn"] for each in page] for page in versions] == [[first], [second]]
    approved = sagemaker.list_model_packages(
        ModelPackageGroupName=registry.group, ModelApprovalStatus="Approved", SortOrder="Descending"
    )
    assert [each["ModelPackageVersion"] for each in approved["ModelPackageSummaryList"]] == [2]
    batch = sagemaker.batch_describe_model_package(ModelPackageArnList=[first, f"{first}9"])
    assert list(batch["ModelPackageSummaries"]) == [first]
    assert batch["BatchDescribeModelPackageErrorMap"][f"{first}9"]["ErrorCode"] == "ValidationException"
    kept = refused(
        sagemaker.delete_model_package_group, "ConflictException", ModelPackageGroupName=registry.group
    )
    assert kept.endswith("cannot be deleted because it still contains Model Packages")
    sagemaker.delete_model_package(ModelPackageName=second)
    gone = refused(sagemaker.describe_model_package, ModelPackageName=second)
    assert gone == f"ModelPackage {second} does not exist."
    third = registry.register()
    assert third.endswith("/3")
    for arn in (first, third):
        sagemaker.delete_model_package(ModelPackageName=arn)
    sagemaker.delete_model_package_group(ModelPackageGroupName=registry.group)


def test_a_version_is_deployed_once_it_is_approved_and_as_it_was_then(registry: Registry) -> None:
    sagemaker = registry.sagemaker
    other = {"Name": "small", **registry.specification(ModelDataUrl=f"{registry.data}.absent")}
    arn = registry.register(AdditionalInferenceSpecifications=[other])
    waiting = refused(registry.create_model, ModelPackageName=arn)
    assert "PendingManualApproval" in waiting and arn in waiting
    sagemaker.update_model_package(
        ModelPackageArn=arn,
        ModelApprovalStatus="Approved",
        ApprovalDescription="fit",
        CustomerMetadataProperties={"reviewed": "yes"},
        ModelLifeCycle={"Stage": "Production", "StageStatus": "Approved"},
    )
    told = sagemaker.describe_model_package(ModelPackageName=arn)
    assert (told["ModelApprovalStatus"], told["ApprovalDescription"]) == ("Approved", "fit")
    assert told["CustomerMetadataProperties"] == {"reviewed": "yes"}
    assert told["LastModifiedBy"]["IamIdentity"]["Arn"].endswith(":root") and told["LastModifiedTime"]
    model = registry.create_model(ModelPackageName=arn, Environment={"B": "model"})
    container = sagemaker.describe_model(ModelName=model)["PrimaryContainer"]
    assert container == {"ModelPackageName": arn, "Environment": {"B": "model"}}
    # The other specification's data are not there: it is that one that is looked at.
    missing = refused(registry.create_model, ModelPackageName=arn, InferenceSpecificationName="small")
    assert f"{registry.data}.absent" in missing
    assert "none" in refused(registry.create_model, ModelPackageName=arn, InferenceSpecificationName="none")
    sagemaker.create_endpoint_config(
        EndpointConfigName=model,
        ProductionVariants=[
            {
                "VariantName": "all",
                "ModelName": model,
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 1,
            }
        ],
    )


def test_a_package_of_a_name_of_its_own(registry: Registry) -> None:
    sagemaker, name = registry.sagemaker, f"Own-{uuid.uuid4().hex[:8]}"
    refusal = refused(
        sagemaker.create_model_package,
        ModelPackageName=name,
        InferenceSpecification=registry.specification(Environment={"A": "1"}),
    )
    assert "non-versioned ModelPackages" in refusal
    made = sagemaker.create_model_package(
        ModelPackageName=name,
        InferenceSpecification=registry.specification(),
        Tags=[{"Key": "team", "Value": "blue"}],
    )
    arn = made["ModelPackageArn"]
    assert arn.endswith(f":model-package/{name.lower()}")
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "blue"}]
    listed = sagemaker.list_model_packages(NameContains=name)["ModelPackageSummaryList"]
    assert [(each["ModelPackageName"], each["ModelPackageArn"]) for each in listed] == [(name, arn)]
    taken = refused(
        sagemaker.create_model_package,
        ModelPackageName=name.lower(),
        InferenceSpecification=registry.specification(),
    )
    assert taken == f"ModelPackage already exists: {arn}"
    model = registry.create_model(ModelPackageName=name)
    assert sagemaker.describe_model(ModelName=model)["PrimaryContainer"]["ModelPackageName"] == name
    refused(sagemaker.update_model_package, ModelPackageArn=arn, ModelApprovalStatus="Approved")
    sagemaker.delete_model_package(ModelPackageName=name)


def test_what_a_package_is_cloned_of_gives_it_its_containers(registry: Registry) -> None:
    sagemaker = registry.sagemaker
    source = registry.register(ModelApprovalStatus="Approved")
    model = registry.create_model(ModelPackageName=source, Environment={"B": "model"})
    of_model = sagemaker.describe_model(ModelName=model)["ModelArn"]
    for uri, variables in (
        (source, {"A": "package", "B": "package"}),
        (of_model, {"A": "package", "B": "model"}),
    ):
        made = sagemaker.create_model_package(ModelPackageGroupName=registry.group, SourceUri=uri)
        told = sagemaker.describe_model_package(ModelPackageName=made["ModelPackageArn"])
        [container] = told["InferenceSpecification"]["Containers"]
        assert (told["SourceUri"], container["Environment"]) == (uri, variables)
        assert container["ModelDataUrl"] == registry.data


def test_what_is_not_built_says_so(registry: Registry) -> None:
    for changes in (
        {"SecurityConfig": {"KmsKeyId": "alias/a"}},
        {"ManagedStorageType": "Restricted"},
        {"SourceAlgorithmSpecification": {"SourceAlgorithms": [{"AlgorithmName": "absent"}]}},
    ):
        assert next(iter(changes)) in refused(registry.register, "NotImplemented", **changes)


def test_another_account_sees_and_deploys_what_the_group_s_policy_allows(client: ClientFactory) -> None:
    registry = Registry(client)
    theirs = client("sagemaker", account=THEIRS)
    arn = registry.register(ModelApprovalStatus="Approved")
    versions = f"{arn.rpartition('/')[0]}/*"
    refused(theirs.describe_model_package, "AccessDeniedException", ModelPackageName=arn)
    # Nor does a version of their own show what is in it.
    theirs.create_model_package_group(ModelPackageGroupName=registry.group)
    own = theirs.create_model_package(ModelPackageGroupName=registry.group)["ModelPackageArn"]
    refused(theirs.update_model_package, "AccessDeniedException", ModelPackageArn=own, SourceUri=arn)
    without = refused(registry.sagemaker.get_model_package_group_policy, ModelPackageGroupName=registry.group)
    assert without == f"Cannot find resource policy for: {registry.group_arn}"
    reading = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{THEIRS}:root"},
        "Action": ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages", "sagemaker:CreateModel"],
        "Resource": versions,
    }
    text = json.dumps({"Version": "2012-10-17", "Statement": [reading]})
    refused(
        registry.sagemaker.put_model_package_group_policy,
        ModelPackageGroupName=registry.group,
        ResourcePolicy="{}",
    )
    registry.sagemaker.put_model_package_group_policy(
        ModelPackageGroupName=registry.group, ResourcePolicy=text
    )
    told = registry.sagemaker.get_model_package_group_policy(ModelPackageGroupName=registry.group)
    assert told["ResourcePolicy"] == text
    assert theirs.describe_model_package(ModelPackageName=arn)["ModelPackageArn"] == arn
    listed = theirs.list_model_packages(ModelPackageGroupName=registry.group_arn)
    assert [each["ModelPackageArn"] for each in listed["ModelPackageSummaryList"]] == [arn]
    for call, request in (
        (theirs.update_model_package, {"ModelPackageArn": arn, "ModelApprovalStatus": "Rejected"}),
        (theirs.describe_model_package_group, {"ModelPackageGroupName": registry.group_arn}),
        (theirs.delete_model_package, {"ModelPackageName": arn}),
    ):
        refused(call, "AccessDeniedException", **request)
    # The package is let through; the data, which are in a bucket of the other account, are not.
    role = Stage(lambda service, **_: client(service, account=THEIRS)).role_arn
    denied = refused(
        theirs.create_model,
        ModelName="theirs",
        ExecutionRoleArn=role,
        PrimaryContainer={"ModelPackageName": arn},
    )
    assert registry.data in denied
    registry.sagemaker.delete_model_package_group_policy(ModelPackageGroupName=registry.group)
    refused(theirs.describe_model_package, "AccessDeniedException", ModelPackageName=arn)


def test_packages_are_searched_for(client: ClientFactory) -> None:
    registry = Registry(client)
    sagemaker = registry.sagemaker
    arns = [
        registry.register(CustomerMetadataProperties={"accuracy": accuracy}, ModelApprovalStatus="Approved")
        for accuracy in ("0.5", "0.7", "0.9")
    ]

    def search(resource: str, *filters: dict[str, str], **request: Any) -> list[dict[str, Any]]:
        pages = sagemaker.get_paginator("search").paginate(
            Resource=resource,
            SearchExpression={"Filters": list(filters)},
            PaginationConfig={"PageSize": 2},
            **request,
        )
        return [result for page in pages for result in page["Results"]]

    of_group = {"Name": "ModelPackageGroupName", "Value": registry.group}
    [found] = search("ModelPackageGroup", of_group)
    assert found["ModelPackageGroup"]["Tags"] == [{"Key": "team", "Value": "red"}]
    found_versions = search("ModelPackage", of_group, SortBy="ModelPackageVersion", SortOrder="Ascending")
    assert [each["ModelPackage"]["ModelPackageArn"] for each in found_versions] == arns
    assert search("ModelPackage", of_group, {"Name": "ModelApprovalStatus", "Value": "Rejected"}) == []
    best = {"Name": "CustomerMetadataProperties.accuracy", "Operator": "In", "Value": "0.9,0.8"}
    [last] = search("ModelPackage", of_group, best)
    assert last["ModelPackage"]["ModelPackageVersion"] == 3
    hint = {"PropertyNameQuery": {"PropertyNameHint": "Tags.te"}}
    suggested = sagemaker.get_search_suggestions(Resource="ModelPackageGroup", SuggestionQuery=hint)
    assert {"PropertyName": "Tags.team"} in suggested["PropertyNameSuggestions"]
    model = registry.create_model(ModelPackageName=arns[0])
    [told] = search("Model", {"Name": "Model.ModelName", "Value": model})
    assert told["Model"]["Model"]["PrimaryContainer"] == {"ModelPackageName": arns[0]}
    assert sagemaker.search(Resource="FeatureGroup")["Results"] == []  # nothing makes them
    unknown = {"Filters": [{"Name": "Absent", "Value": "x"}]}
    assert "Absent" in refused(sagemaker.search, Resource="Endpoint", SearchExpression=unknown)
