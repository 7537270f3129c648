"""SageMaker's condition keys of requests."""

from __future__ import annotations

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.endpoint_configs.condition_keys import of_endpoint_config
from sagehen.services.sagemaker.models.condition_keys import of_model
from sagehen.services.sagemaker.training.requests.condition_keys import of_training_job


def test_a_training_job_with_everything() -> None:
    request = {
        "ResourceConfig": {
            "InstanceType": "ml.m5.large",
            "InstanceGroups": [{"InstanceType": "ml.c5.large"}],
            "VolumeKmsKeyId": "volume",
            "KeepAlivePeriodInSeconds": 60,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        "OutputDataConfig": {"KmsKeyId": "output"},
        "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1", "subnet-2"]},
        "EnableNetworkIsolation": True,
        "EnableInterContainerTrafficEncryption": True,
        "RemoteDebugConfig": {"EnableRemoteDebug": True},
        "InputDataConfig": [
            {"DataSource": {"S3DataSource": {"S3Uri": "s3://b"}}},
            {
                "DataSource": {
                    "FileSystemDataSource": {
                        "FileSystemId": "fs-1",
                        "FileSystemType": "EFS",
                        "DirectoryPath": "/d",
                        "FileSystemAccessMode": "ro",
                    }
                }
            },
        ],
    }
    assert of_training_job(request) == {
        "sagemaker:InstanceTypes": ("ml.m5.large", "ml.c5.large"),
        "sagemaker:VolumeKmsKey": "volume",
        "sagemaker:KeepAlivePeriod": "60",
        "sagemaker:MaxRuntimeInSeconds": "3600",
        "sagemaker:OutputKmsKey": "output",
        "sagemaker:VpcSecurityGroupIds": ("sg-1",),
        "sagemaker:VpcSubnets": ("subnet-1", "subnet-2"),
        "sagemaker:NetworkIsolation": "true",
        "sagemaker:InterContainerTrafficEncryption": "true",
        "sagemaker:EnableRemoteDebug": "true",
        "sagemaker:FileSystemId": ("fs-1",),
        "sagemaker:FileSystemType": ("EFS",),
        "sagemaker:FileSystemDirectoryPath": ("/d",),
        "sagemaker:FileSystemAccessMode": ("ro",),
    }


def test_what_is_left_to_its_default() -> None:
    assert of_training_job({"OutputDataConfig": {"KmsKeyId": ""}}) == {
        "sagemaker:NetworkIsolation": "false",
        "sagemaker:InterContainerTrafficEncryption": "false",
        "sagemaker:EnableRemoteDebug": "false",
    }
    assert of_model({}) == {"sagemaker:NetworkIsolation": "false"}


def test_an_endpoint_configuration() -> None:
    request = {
        "KmsKeyId": "key",
        "ProductionVariants": [
            {"ModelName": "M", "InstanceType": "ml.m5.large", "AcceleratorType": "ml.eia2.medium"},
            {"ModelName": "n", "ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 5}},
        ],
    }
    prefix = "arn:aws:sagemaker:us-east-1:123456789012:model"
    assert of_endpoint_config(Scope("123456789012", "us-east-1"), request) == {
        "sagemaker:AcceleratorTypes": ("ml.eia2.medium",),
        "sagemaker:InstanceTypes": ("ml.m5.large",),
        "sagemaker:ModelArn": (f"{prefix}/m", f"{prefix}/n"),
        "sagemaker:ServerlessMaxConcurrency": ("5",),
        "sagemaker:ServerlessMemorySize": ("1024",),
        "sagemaker:VolumeKmsKey": "key",
        "sagemaker:NetworkIsolation": "false",
    }
