"""What CreateTransformJob refuses, and in which words; what goes to a container, and how."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation, ServiceError, ValidationException
from sagehen.services.sagemaker.resources.errors import ResourceLimitExceeded
from sagehen.services.sagemaker.transform.acceptance import association_of, check
from sagehen.services.sagemaker.transform.condition_keys import of_transform_job
from sagehen.services.sagemaker.transform.settings import Settings, proposed, settings_of

from ..conftest import SCOPE


def request_of(source: Any = (), output: Any = (), resources: Any = (), **changes: Any) -> dict[str, Any]:
    s3 = {"S3DataType": "S3Prefix", "S3Uri": "s3://data/in"}
    return {
        "TransformJobName": "Job-1",
        "ModelName": "Model-1",
        "TransformInput": {"DataSource": {"S3DataSource": s3}, "ContentType": "text/csv", **dict(source)},
        "TransformOutput": {"S3OutputPath": "s3://out/x", **dict(output)},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1, **dict(resources)},
        **changes,
    }


def _data(kind: str, uri: str = "s3://data/in") -> dict[str, Any]:
    return {"DataSource": {"S3DataSource": {"S3DataType": kind, "S3Uri": uri}}}


_JOIN = {"JoinSource": "Input"}
REFUSED: list[tuple[dict[str, Any], type[ServiceError], str]] = [
    (request_of(DataCaptureConfig={"DestinationS3Uri": "s3://c", "GenerateInferenceId": True}),
     NotImplementedOperation, "DataCaptureConfig.GenerateInferenceId"),
    (request_of(DataCaptureConfig={"DestinationS3Uri": "https://c"}), ValidationException, "Invalid S3 URI"),
    (request_of(_data("AugmentedManifestFile")), NotImplementedOperation, "S3DataType AugmentedManifestFile"),
    (request_of(resources={"TransformAmiVersion": "a"}), NotImplementedOperation, "TransformAmiVersion"),
    (request_of(MaxPayloadInMB=0), NotImplementedOperation, "MaxPayloadInMB 0"),
    (request_of(resources={"InstanceType": "ml.x.large"}), ValidationException, "not in Sagehen's catalogue"),
    (request_of(resources={"InstanceCount": 21}), ResourceLimitExceeded, "for transform job usage' is 20"),
    (request_of(MaxPayloadInMB=101), ValidationException, "less than or equal to 100"),
    (request_of(MaxPayloadInMB=20, MaxConcurrentTransforms=6), ValidationException, "equal to 100"),
    (request_of(BatchStrategy="MultiRecord"), ValidationException, "requires SplitType"),
    (request_of({"ContentType": "a\r\nX: y"}), ValidationException, "Invalid ContentType"),
    (request_of(output={"Accept": "tëxt"}), ValidationException, "Invalid Accept"),
    (request_of(_data("S3Prefix", "ftp://x")), ValidationException, "Invalid S3 URI"),
    (request_of(Environment={"A": "\0"}), ValidationException, "Invalid Environment"),
    (request_of(DataProcessing={"InputFilter": "$..x"}), ValidationException, "Invalid JSONPath"),
    (request_of({"ContentType": "image/png"}, DataProcessing=_JOIN), ValidationException, "requires Cont"),
    (request_of({"SplitType": "RecordIO"}, DataProcessing=_JOIN), ValidationException, "requires Content"),
    (request_of(output={"Accept": "application/json"}, DataProcessing=_JOIN), ValidationException,
     "of the same format"),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "error", "words"), REFUSED)
def test_what_is_refused(request_: dict[str, Any], error: type[ServiceError], words: str) -> None:
    with pytest.raises(error, match=words):
        check(request_)


def test_what_does_nothing_asks_for_no_filter() -> None:
    whole = {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}
    assert association_of(request_of({"ContentType": "image/png"}, DataProcessing=whole)) is None
    assert association_of(request_of(DataProcessing=_JOIN)) is not None


PROPOSED = b'{"MaxConcurrentTransforms": 8, "BatchStrategy": "SINGLE_RECORD", "MaxPayloadInMB": 2}'
ASKED: list[tuple[dict[str, Any], bytes, Settings]] = [
    (request_of(), b"", Settings(1, 6, several=False, timeout_s=600, retries=3)),
    (request_of({"SplitType": "Line"}), b"", Settings(1, 6, several=True, timeout_s=600, retries=3)),
    (request_of({"SplitType": "Line"}), PROPOSED, Settings(8, 2, several=False, timeout_s=600, retries=3)),
    (request_of({"SplitType": "Line"}, MaxConcurrentTransforms=4, BatchStrategy="MultiRecord",
                MaxPayloadInMB=1,
                ModelClientConfig={"InvocationsTimeoutInSeconds": 5, "InvocationsMaxRetries": 0}), PROPOSED,
     Settings(4, 1, several=True, timeout_s=5, retries=0)),
    (request_of(MaxConcurrentTransforms=90), b'{"MaxPayloadInMB": 50}',
     Settings(2, 50, several=False, timeout_s=600, retries=3)),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "answer", "settings"), ASKED)
def test_what_decides_how_a_container_is_asked(
    request_: dict[str, Any], answer: bytes, settings: Settings
) -> None:
    assert settings_of(request_, proposed(200, answer)) == settings


@pytest.mark.parametrize(
    "answer", [b"", b"[]", b"x", b'{"MaxConcurrentTransforms": "9", "MaxPayloadInMB": -1}', b"[" * 70_000]
)
def test_what_proposes_nothing(answer: bytes) -> None:
    assert proposed(200, answer) == {} and proposed(404, PROPOSED) == {}


def test_what_iam_can_ask() -> None:
    keys = of_transform_job(request_of(output={"KmsKeyId": "alias/o"}), SCOPE)
    assert keys == {
        "sagemaker:InstanceTypes": ("ml.m5.large",),
        "sagemaker:ModelArn": "arn:aws:sagemaker:us-east-1:123456789012:model/model-1",
        "sagemaker:OutputKmsKey": "alias/o",
    }
