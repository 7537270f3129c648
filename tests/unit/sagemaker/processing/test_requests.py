"""What CreateProcessingJob refuses, and in which words; what it asks of IAM."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation, ServiceError, ValidationException
from sagehen.services.sagemaker.images.mapping import Images
from sagehen.services.sagemaker.processing import inputs, local_paths
from sagehen.services.sagemaker.processing.acceptance import check
from sagehen.services.sagemaker.processing.condition_keys import of_processing_job
from sagehen.services.sagemaker.resources.errors import ResourceLimitExceeded

from .conftest import IMAGE, cluster, input_of, output_of, request_of

_IN, _OUT = "/opt/ml/processing/in", "s3://out/x"


def _app(**changes: Any) -> dict[str, Any]:
    return {"AppSpecification": {"ImageUri": IMAGE, "ContainerEntrypoint": ["python3", "x"], **changes}}


def _inputs(*inputs: Any) -> dict[str, Any]:
    return {"ProcessingInputs": list(inputs)}


def _outputs(*outputs: Any) -> dict[str, Any]:
    return {"ProcessingOutputConfig": {"Outputs": list(outputs)}}


_SPARK = "173754725891.dkr.ecr.us-east-1.amazonaws.com/sagemaker-spark-processing:3.3-cpu"
_DATASET = {"InputName": "d", "DatasetDefinition": {"LocalPath": _IN}}
_FEATURES = {"OutputName": "f", "FeatureStoreOutput": {"FeatureGroupName": "f"}, "AppManaged": True}
REFUSED: list[tuple[dict[str, Any], type[ServiceError], str]] = [
    (_app(ImageUri=_SPARK), NotImplementedOperation, "sagemaker-spark-processing:3.3-cpu is not mapped"),
    (_app(ContainerEntrypoint=None), NotImplementedOperation, "name a command in AppSpecification"),
    (_app(ContainerEntrypoint=["", "x"]), ValidationException, "its first word is empty"),
    (_app(ContainerArguments=["a\0b"]), ValidationException, "Invalid ContainerArguments: argument 1"),
    ({"Environment": {"A": "\0"}}, ValidationException, "Invalid Environment"),
    (_inputs(_DATASET), NotImplementedOperation, "DatasetDefinition"),
    (_inputs({"InputName": "n"}), ValidationException, "S3Input or DatasetDefinition must be provided"),
    (_inputs(input_of("n", "s3://b/k", None)), ValidationException, "LocalPath is required for processing"),
    (_inputs(input_of("n", "s3://b/k", "/opt/ml/model")), ValidationException, "Invalid LocalPath"),
    (_inputs(input_of("n", "ftp://b/k", _IN)), ValidationException, "Invalid S3 URI"),
    (_inputs(input_of("n", "s3://b/k", _IN), input_of("m", "s3://b/l", _IN + "/")), ValidationException,
     "a LocalPath of its own"),
    (_inputs(input_of("n", "s3://b/k", _IN, S3InputMode="Pipe")), NotImplementedOperation,
     "S3InputMode Pipe"),
    (_inputs(input_of("n", "s3://b/k", _IN, S3CompressionType="Gzip")), ValidationException,
     "only be used when S3InputMode is Pipe"),
    (_outputs(_FEATURES), NotImplementedOperation, "FeatureStoreOutput"),
    (_outputs({"OutputName": "n"}), ValidationException, "S3Output or FeatureStoreOutput"),
    (_outputs(output_of("n", _OUT, "/etc")), ValidationException, "Invalid LocalPath '/etc'"),
    (cluster(InstanceType="ml.m5.nano"), ValidationException, "not in Sagehen's catalogue"),
    (cluster(21), ResourceLimitExceeded, "ml.m5.large for processing job usage' is 20 Instances"),
    (cluster(InstancePreferences=[{"InstanceType": "ml.m5.large"}]), NotImplementedOperation,
     "ClusterConfig.InstancePreferences"),
    (cluster(InstanceType="ml.g5.xlarge", VolumeKmsKeyId="alias/x"), ValidationException, "VolumeKmsKeyId"),
    ({"NetworkConfig": {"VpcConfig": {"Subnets": ["subnet-x"], "SecurityGroupIds": ["sg-01234567"]}}},
     ValidationException, "The subnet ID 'subnet-x' does not exist"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "error", "words"), REFUSED)
def test_what_is_refused(changes: dict[str, Any], error: type[ServiceError], words: str) -> None:
    request = request_of(**changes)
    app = request["AppSpecification"]
    request["AppSpecification"] = {member: value for member, value in app.items() if value is not None}
    with pytest.raises(error, match=words.replace("(", r"\(")):
        check(request, Images())


def test_what_the_container_manages_itself_needs_no_place() -> None:
    managed = {**input_of("n", "s3://b/k", None), "AppManaged": True}
    _, brought = check(request_of(ProcessingInputs=[managed]), Images())
    assert brought == ()


@pytest.mark.parametrize(
    ("path", "inside"),
    [
        ("/opt/ml/processing/in", "processing/in"),
        ("/opt/ml/processing/in/", "processing/in"),
        ("/opt/ml/processing/./a//b", "processing/a/b"),
        ("/opt/ml/processing/ein Ordner/ä", "processing/ein Ordner/ä"),
        ("/opt/ml/processing", None),
        ("/opt/ml/processing/", None),
        ("/opt/ml/processing/.", None),
        ("/opt/ml/processing/../model", None),
        ("/opt/ml/processing/a/../../../../etc", None),
        ("/opt/ml/processingx/a", None),
        ("opt/ml/processing/a", None),
        ("//opt/ml/processing/a", None),
        ("/opt/ml/processing/a\0b", None),
        ("/opt/ml/processing/\ud800", None),
        ("/opt/ml/processing/" + "ä" * 200, None),
        ("", None),
    ],
)
def test_a_local_path_stays_below_its_folder(path: str, inside: str | None) -> None:
    if inside is not None:
        assert local_paths.parse(path, "it") == PurePosixPath(inside)
        return
    with pytest.raises(ValidationException, match="LocalPath"):
        local_paths.parse(path, "it")


def test_what_iam_can_ask() -> None:
    vpc = {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
    keys = of_processing_job(
        request_of(
            **cluster(VolumeKmsKeyId="alias/v"),
            NetworkConfig={"EnableNetworkIsolation": True, "VpcConfig": vpc},
            StoppingCondition={"MaxRuntimeInSeconds": 60},
            ProcessingOutputConfig={"Outputs": [], "KmsKeyId": "alias/o"},
        )
    )
    assert keys == {
        "sagemaker:InstanceTypes": ("ml.m5.large",),
        "sagemaker:InterContainerTrafficEncryption": "false",
        "sagemaker:MaxRuntimeInSeconds": "60",
        "sagemaker:NetworkIsolation": "true",
        "sagemaker:OutputKmsKey": "alias/o",
        "sagemaker:VolumeKmsKey": "alias/v",
        "sagemaker:VpcSecurityGroupIds": ("sg-1",),
        "sagemaker:VpcSubnets": ("subnet-1",),
    }


@pytest.mark.parametrize(
    ("folders", "others", "apart"),
    [
        ("in code", "code out", "in"),  # the script is read here
        ("in in/more other", "out", "other"),  # one in another is brought after it
        ("in", "in", ""),
        ("in", "in/out", ""),
        ("in/part", "in", ""),
        ("in inner", "i", "in inner"),
    ],
)
def test_inputs_that_nothing_else_has_to_do_with(folders: str, others: str, apart: str) -> None:
    channel: Any = None
    found = inputs.apart(
        [inputs.ProcessingInput(channel, PurePosixPath(each)) for each in folders.split()],
        [PurePosixPath(each) for each in others.split()],
    )
    assert [str(each.folder) for each in found] == apart.split()
