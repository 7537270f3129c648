"""Models: what is accepted, kept, listed."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.api.pagination import encode_token
from sagehen.services.sagemaker.instances.networks import NamedNetworks
from tests.unit.networks import OTHERS, OURS, A, TwoVpcs

from ..conftest import MODEL_CONTAINER as CONTAINER

ARN = "arn:aws:sagemaker:us-east-1:123456789012"


async def test_a_model_is_kept_as_it_was_given(platform: Any, made: Any) -> None:
    assert await made() == {"ModelArn": f"{ARN}:model/model-1"}
    described = await platform.call(platform.models, "DescribeModel", ModelName="Model-1")
    assert described["PrimaryContainer"] == CONTAINER
    assert described["EnableNetworkIsolation"] is False
    assert "VpcConfig" not in described
    await platform.call(platform.models, "DeleteModel", ModelName="Model-1")
    for operation in ("DescribeModel", "DeleteModel"):
        with pytest.raises(ValidationException) as missing:
            await platform.call(platform.models, operation, ModelName="Model-1")
        assert missing.value.message == f'Could not find model "{ARN}:model/model-1".'


async def test_whoever_deletes_by_another_case_leaves_a_model_its_tags(platform: Any, made: Any) -> None:
    await made(Tags=[{"Key": "team", "Value": "birds"}])
    with pytest.raises(ValidationException):
        await platform.call(platform.models, "DeleteModel", ModelName="mODEL-1")
    listed = await platform.call(platform.tags, "ListTags", ResourceArn=f"{ARN}:model/model-1")
    assert listed["Tags"] == [{"Key": "team", "Value": "birds"}]


async def test_model_names_are_taken_once(made: Any) -> None:
    await made()
    with pytest.raises(ValidationException) as refusal:
        await made()
    assert refusal.value.message == f'Cannot create already existing model "{ARN}:model/model-1".'


async def test_model_data_must_be_there_and_readable(platform: Any, made: Any) -> None:
    with pytest.raises(ValidationException, match=r"Could not find model data at s3://data/none\."):
        await made(PrimaryContainer=CONTAINER | {"ModelDataUrl": "s3://data/none"})
    platform.objects.unreadable.add("model.tar.gz")
    with pytest.raises(
        ValidationException, match=r"Could not access model data at s3://data/model\.tar\.gz\. "
    ):
        await made()


_OFF = {"MultiModelConfig": {"ModelCacheSetting": "Disabled"}}
_SEVERAL = {"Image": CONTAINER["Image"], "Mode": "MultiModel"}


@pytest.mark.parametrize(
    ("changes", "error", "named"),
    [
        ({"Containers": [CONTAINER]}, ValidationException, "Only one of"),
        ({"PrimaryContainer": None}, ValidationException, "Either PrimaryContainer"),
        ({"PrimaryContainer": _SEVERAL}, ValidationException, "ModelDataUrl"),
        ({"PrimaryContainer": CONTAINER | _OFF}, ValidationException, "MultiModelConfig"),
        ({"VpcConfig": {"Subnets": ["s"]}}, NotImplementedOperation, "VpcConfig"),
        ({"PrimaryContainer": CONTAINER | {"Image": "x/y"}}, NotImplementedOperation, "not mapped"),
        ({"ExecutionRoleArn": None}, ValidationException, "ExecutionRoleArn is required"),
    ],
)
async def test_models_that_are_refused(made: Any, changes: Any, error: Any, named: str) -> None:
    with pytest.raises(error, match=named):
        await made(**changes)


async def test_subnets_and_groups_must_be_there(platform: Any, made: Any) -> None:
    networks = NamedNetworks()
    networks.known = TwoVpcs()
    platform.models._networks = networks
    vpc = {"Subnets": [A], "SecurityGroupIds": [OURS]}
    with pytest.raises(ValidationException, match="belong to different networks"):
        await made(VpcConfig={**vpc, "SecurityGroupIds": [OTHERS]})
    await made(VpcConfig=vpc)
    described = await platform.call(platform.models, "DescribeModel", ModelName="Model-1")
    assert described["VpcConfig"] == vpc


async def test_models_are_listed_newest_first(platform: Any, made: Any) -> None:
    for name in ("one", "two", "three"):
        await made(name)
        await platform.clock.advance(1)
    first = await platform.call(platform.models, "ListModels", MaxResults=2)
    assert [model["ModelName"] for model in first["Models"]] == ["three", "two"]
    rest = await platform.call(platform.models, "ListModels", MaxResults=2, NextToken=first["NextToken"])
    assert [model["ModelName"] for model in rest["Models"]] == ["one"]
    assert rest["NextToken"] is None
    listing = "sagemaker_models created_at DESC"
    forged = [encode_token(value, listing=listing) for value in ([{}, "a"], [2**70, "a"], ["a", "a"], [])]
    for token in ("garbage", base64.b64encode(b"[" * 6000).decode(), *forged):
        with pytest.raises(ValidationException, match="pagination token"):
            await platform.call(platform.models, "ListModels", NextToken=token)
