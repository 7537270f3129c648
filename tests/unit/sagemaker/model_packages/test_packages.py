"""Decisions about model packages: names, what is accepted, updates, what a model is made of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation, ServiceError, ValidationException
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.model_packages import names
from sagehen.services.sagemaker.model_packages.acceptance import check
from sagehen.services.sagemaker.model_packages.condition_keys import of_package, of_request
from sagehen.services.sagemaker.model_packages.deployment import containers_of
from sagehen.services.sagemaker.model_packages.package import PackageRecord, describe
from sagehen.services.sagemaker.model_packages.updates import updated

HERE, THEN = Scope("123456789012", "us-east-1"), datetime(2026, 11, 29, tzinfo=UTC)
LATER = datetime(2026, 11, 30, tzinfo=UTC)
GROUP = {"ModelPackageGroupName": "birds"}
NAMED = {"ModelPackageName": "owls"}
PLAIN = {"Containers": [{"Image": "i"}]}


def version(number: int = 1, **members: Any) -> PackageRecord:
    return PackageRecord(HERE, "Birds", number, THEN, THEN, members)


@pytest.mark.parametrize(
    ("text", "account", "arn"),
    [
        ("Birds/3", "123456789012", "arn:aws:sagemaker:us-east-1:123456789012:model-package/birds/3"),
        (
            "arn:aws:sagemaker:us-east-1:210987654321:model-package/birds/3",
            "210987654321",
            "arn:aws:sagemaker:us-east-1:210987654321:model-package/birds/3",
        ),
    ],
)
def test_a_package_is_named_by_name_or_arn(text: str, account: str, arn: str) -> None:
    named = names.package(HERE, text)
    assert (named.scope.account_id, named.arn) == (account, arn)


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:sagemaker:us-east-1:123456789012:model-package-group/birds",
        "arn:aws:sagemaker:eu-west-1:123456789012:model-package/birds/3",
        "arn:aws:s3:::model-package/birds",
        "arn:aws",
    ],
)
def test_no_package_is_named_by_another_kind_s_arn_or_another_region_s(text: str) -> None:
    with pytest.raises(ValidationException, match="Invalid ARN"):
        names.package(HERE, text)


@pytest.mark.parametrize(
    ("request_", "error", "words"),
    [
        ({}, ValidationException, "Missing ARN."),
        (GROUP | NAMED, ValidationException, "Cannot determine which one to use."),
        (GROUP | {"Tags": [{"Key": "a", "Value": "b"}]}, ValidationException, "Tags"),
        (NAMED, ValidationException, "InferenceSpecification"),
        (NAMED | {"InferenceSpecification": PLAIN, "ModelApprovalStatus": "Approved"}, ValidationException,
         "ModelApprovalStatus"),
        (NAMED | {"InferenceSpecification": {"Containers": [{"Image": "i", "Environment": {"A": "1"}}]}},
         ValidationException, "Environment variable map"),
        (GROUP | {"InferenceSpecification": PLAIN, "SourceUri": "arn:aws:sagemaker:…:model/m"},
         ValidationException, "cannot both"),
        (GROUP | {"AdditionalInferenceSpecifications": [{"Name": "a"}, {"Name": "a"}]},
         ValidationException, "unique"),
        (GROUP | {"ModelCard": {"ModelCardContent": "no"}}, ValidationException, "not valid JSON"),
        (GROUP | {"ModelCard": {"ModelCardContent": "[]"}}, ValidationException, "object"),
        (GROUP | {"CertifyForMarketplace": True}, NotImplementedOperation, "CertifyForMarketplace"),
        (GROUP | {"ValidationSpecification": {"ValidationProfiles": [{}]}}, NotImplementedOperation,
         "ValidationSpecification"),
    ],
)  # fmt: skip
def test_what_is_refused(request_: dict[str, Any], error: type[ServiceError], words: str) -> None:
    with pytest.raises(error, match=words):
        check(request_)


@pytest.mark.parametrize(
    ("request_", "change"),
    [
        (GROUP, NAMED),
        (
            GROUP | {"SourceUri": "s3://birds/owl", "InferenceSpecification": PLAIN},
            {"SourceUri": "arn:aws:sagemaker:…:model/m"},
        ),
        (
            GROUP | {"CertifyForMarketplace": False, "ValidationSpecification": {"ValidationProfiles": []}},
            {"CertifyForMarketplace": True},
        ),
        (
            GROUP | {"ValidationSpecification": {"ValidationProfiles": [{}]}, "SkipModelValidation": "All"},
            {"SkipModelValidation": "None"},
        ),
        (NAMED | {"InferenceSpecification": PLAIN}, {"InferenceSpecification": None}),
    ],
)
def test_what_is_accepted_and_the_change_that_would_be_too_much(
    request_: dict[str, Any], change: dict[str, Any]
) -> None:
    check(request_)
    with pytest.raises(ServiceError):
        check(request_ | change)


def test_an_update_changes_what_it_names_and_nothing_else() -> None:
    record = version(
        ModelApprovalStatus="PendingManualApproval",
        Domain="OTHER",
        CustomerMetadataProperties={"a": "1", "b": "2"},
        AdditionalInferenceSpecifications=[{"Name": "one", **PLAIN}],
    )
    request = {
        "ModelApprovalStatus": "Rejected",
        "ApprovalDescription": "",
        "CustomerMetadataProperties": {"b": "3"},
        "CustomerMetadataPropertiesToRemove": ["a", "absent"],
        "AdditionalInferenceSpecificationsToAdd": [{"Name": "two", **PLAIN}],
    }
    changed = updated(record, request, {}, LATER, {"IamIdentity": {"Arn": "me"}})
    assert (changed.approval, changed.modified_at, changed.created_at) == ("Rejected", LATER, THEN)
    assert changed.members["Domain"] == "OTHER"
    assert changed.members["ApprovalDescription"] == ""
    assert changed.members["CustomerMetadataProperties"] == {"b": "3"}
    assert [each["Name"] for each in changed.specifications] == ["one", "two"]
    assert updated(changed, request, {}, LATER, {"IamIdentity": {"Arn": "me"}}) == changed
    assert describe(changed)["LastModifiedBy"] == {"IamIdentity": {"Arn": "me"}}
    with pytest.raises(ValidationException, match="unique"):
        updated(changed, {"AdditionalInferenceSpecificationsToAdd": [{"Name": "two"}]}, {}, LATER, {})


def test_a_card_that_is_archived_keeps_its_content() -> None:
    card = {"ModelCardStatus": "Archived", "ModelCardContent": "{}"}
    record = version(ModelCard=card)
    reopened = updated(record, {"ModelCard": {"ModelCardStatus": "Draft"}}, {}, LATER, {})
    assert reopened.members["ModelCard"] == {**card, "ModelCardStatus": "Draft"}
    with pytest.raises(ValidationException, match="Model Card is in Archived state"):
        updated(record, {"ModelCard": {"ModelCardContent": '{"a": 1}'}}, {}, LATER, {})


@pytest.mark.parametrize(
    ("record", "asked", "words"),
    [
        (version(InferenceSpecification=PLAIN, ModelApprovalStatus="Rejected"), {}, "is Rejected"),
        (version(ModelApprovalStatus="Approved"), {}, "no InferenceSpecification"),
        (version(0), {"InferenceSpecificationName": "x"}, "no inference specification x"),
        (version(0, InferenceSpecification=PLAIN), {"Image": "other"}, "cannot be specified with Image"),
    ],
)
def test_no_model_is_made_of(record: PackageRecord, asked: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationException, match=words):
        containers_of(record, asked)


def test_a_model_has_the_package_s_containers_and_its_own_variables_before_theirs() -> None:
    container = {
        "Image": "i", "ImageDigest": "sha256:0", "ModelDataUrl": "s3://b/k", "Framework": "PYTORCH",
        "Environment": {"A": "1", "B": "1"},
    }  # fmt: skip
    record = version(InferenceSpecification={"Containers": [container]}, ModelApprovalStatus="Approved")
    asked = {"ModelPackageName": record.arn, "Environment": {"B": "2"}, "ContainerHostname": "h"}
    assert containers_of(record, asked) == [
        {"Image": "i", "ModelDataUrl": "s3://b/k", "Environment": {"A": "1", "B": "2"},
         "ContainerHostname": "h"}
    ]  # fmt: skip


def test_condition_keys_are_of_what_is_asked_for_and_of_what_is_there() -> None:
    cycle = {"Stage": "Production", "StageStatus": "Approved"}
    members = {"ModelLifeCycle": cycle, "CustomerMetadataProperties": {"team": "red"}}
    assert of_request({**members, "ModelApprovalStatus": "Approved"}) == {
        "sagemaker:ModelApprovalStatus": "Approved",
        "sagemaker:ModelLifeCycle:stage": "Production",
        "sagemaker:ModelLifeCycle:stageStatus": "Approved",
        "sagemaker:CustomerMetadataProperties/team": "red",
    }
    assert of_package(version(**members)) == {
        "sagemaker:CurrentModelLifeCycleStage": "Production",
        "sagemaker:CurrentModelLifeCycleStageStatus": "Approved",
        "sagemaker:CurrentCustomerMetadataProperties/team": "red",
    }
    assert of_package(None) == {}
