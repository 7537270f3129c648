"""Requests of S3 and KMS that work only on things made for them: policies, locks, keys of several kinds."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from tests.e2e import story
from tests.members import machines
from tests.members.components import component_requests
from tests.members.machines import machine_requests
from tests.members.pipelines import pipeline_requests
from tests.members.stacks import stack_requests
from tests.registry import config_of, digest_of, manifest_of

Requests = dict[tuple[str, str], dict[str, Any]]
_ACCOUNT = "arn:aws:iam::123456789012:root"


def working_requests(client: Callable[[str], Any]) -> Requests:
    """Make what they need, and return them by (service, operation)."""
    requests = {("s3", name): request for name, request in _of_s3(client("s3")).items()}
    requests |= {("kms", name): request for name, request in _of_kms(client("kms")).items()}
    scaling, functions = client("application-autoscaling"), client("lambda")
    _tuning_job(client("iam"), client("sagemaker"))
    name = {"HyperParameterTuningJobName": "members"}
    requests["sagemaker", "ListTrainingJobsForHyperParameterTuningJob"] = name
    requests |= {("sagemaker", name): request for name, request in _of_registry(client("sagemaker")).items()}
    components = component_requests(client("sagemaker"))
    requests |= {("sagemaker", name): request for name, request in components.items()}
    pipelines = pipeline_requests(client("sagemaker"))
    requests |= {("sagemaker", name): request for name, request in pipelines.items()}
    for of_room in (_of_trials, _of_lineage):
        requests |= {("sagemaker", name): request for name, request in of_room(client("sagemaker")).items()}
    point = {"MetricName": "m", "Timestamp": datetime(2026, 1, 1, tzinfo=UTC), "Value": 1.0}
    put = {"TrialComponentName": "members-kept", "MetricData": [point]}
    requests["sagemaker-metrics", "BatchPutMetrics"] = put
    stacks = stack_requests(client("cloudformation"))
    requests |= {("cloudformation", name): request for name, request in stacks.items()}
    made = _of_scaling(scaling, functions)
    requests |= {("ssm", name): request for name, request in _of_parameters(client("ssm")).items()}
    requests |= {("ec2", name): request for name, request in machine_requests(client("ec2")).items()}
    requests |= {("logs", name): request for name, request in _of_logs(client("logs")).items()}
    requests |= {("ecr", name): request for name, request in _of_images(client("ecr")).items()}
    return requests | {("application-autoscaling", name): request for name, request in made.items()}


def _of_registry(sagemaker: Any) -> dict[str, dict[str, Any]]:
    group = {"ModelPackageGroupName": "members"}
    sagemaker.create_model_package_group(**group)
    statement = {"Effect": "Allow", "Principal": {"AWS": _ACCOUNT}, "Action": "sagemaker:*", "Resource": "*"}
    policy = {
        **group, "ResourcePolicy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    }  # fmt: skip
    sagemaker.put_model_package_group_policy(**policy)
    specification = {"Containers": [{"Image": "pytorch-inference:2.6"}]}
    package = {**group, "InferenceSpecification": specification}
    arns = [sagemaker.create_model_package(**package)["ModelPackageArn"] for _ in range(2)]
    return {
        **dict.fromkeys(("DescribeModelPackageGroup", "GetModelPackageGroupPolicy"), group),
        "PutModelPackageGroupPolicy": policy,
        "CreateModelPackage": package,
        "BatchDescribeModelPackage": {"ModelPackageArnList": arns},
        "DescribeModelPackage": {"ModelPackageName": arns[0]},
        "UpdateModelPackage": {"ModelPackageArn": arns[0]},
        "DeleteModelPackage": {"ModelPackageName": arns[1]},
        **{name: {"Resource": "ModelPackage"} for name in ("Search", "GetSearchSuggestions")},
    }


def _of_lineage(sagemaker: Any) -> dict[str, dict[str, Any]]:
    """Two artifacts that are associated, one that nothing is associated with, an action and a context."""
    one, other, alone, gone = (
        sagemaker.create_artifact(Source={"SourceUri": f"members/{name}"}, ArtifactType="T")["ArtifactArn"]
        for name in ("one", "other", "alone", "gone")
    )
    association = {"SourceArn": one, "DestinationArn": other}
    sagemaker.add_association(**association)
    source = {"SourceUri": "members/source"}
    action, context = {"ActionName": "members"}, {"ContextName": "members"}
    sagemaker.create_action(**action, Source=source, ActionType="T")
    sagemaker.create_context(**context, Source=source, ContextType="T")
    return {
        **{f"{verb}Artifact": {"ArtifactArn": alone} for verb in ("Describe", "Update")},
        "DeleteArtifact": {"ArtifactArn": gone},
        **{f"{verb}Action": action for verb in ("Describe", "Update", "Delete")},
        **{f"{verb}Context": context for verb in ("Describe", "Update", "Delete")},
        "AddAssociation": {"SourceArn": other, "DestinationArn": alone},
        "DeleteAssociation": association,
        "QueryLineage": {"StartArns": [one]},
    }


def _of_trials(sagemaker: Any) -> dict[str, dict[str, Any]]:
    experiment, trial = {"ExperimentName": "members"}, {"TrialName": "members"}
    component, gone = {"TrialComponentName": "members"}, {"TrialComponentName": "members-gone"}
    sagemaker.create_experiment(**experiment)
    sagemaker.create_experiment(ExperimentName="members-gone")
    for name in ("members", "members-gone"):
        sagemaker.create_trial(TrialName=name, **experiment)
        sagemaker.create_trial_component(TrialComponentName=name)
    sagemaker.create_trial_component(TrialComponentName="members-kept")
    sagemaker.associate_trial_component(**trial, **component)
    return {
        **{f"{verb}Experiment": experiment for verb in ("Describe", "Update")},
        **{f"{verb}Trial": trial for verb in ("Describe", "Update")},
        **{f"{verb}TrialComponent": component for verb in ("Describe", "Update")},
        "CreateTrial": experiment,
        "AssociateTrialComponent": {**trial, **gone},
        "DisassociateTrialComponent": {**trial, **component},
        "DeleteExperiment": {"ExperimentName": "members-gone"},
        "DeleteTrial": {"TrialName": "members-gone"},
        "DeleteTrialComponent": component,
    }


def _of_logs(logs: Any) -> dict[str, dict[str, Any]]:
    group, now_s = {"logGroupName": "members"}, int(time.time())
    logs.create_log_group(**group)
    logs.create_log_stream(**group, logStreamName="s")
    events = [{"timestamp": now_s * 1000, "message": "m"}]
    logs.put_log_events(**group, logStreamName="s", logEvents=events)
    query = {**group, "startTime": now_s - 60, "endTime": now_s + 3600, "queryString": "fields @message"}
    asked = {"queryId": logs.start_query(**query)["queryId"]}
    results: list[Any] = []
    while not results:
        results = logs.get_query_results(**asked)["results"]
    [[_, pointer]] = results
    return {
        "StartQuery": query,
        "GetQueryResults": asked,
        "ListLogGroupsForQuery": asked,
        "GetLogRecord": {"logRecordPointer": pointer["value"]},
        "GetLogGroupFields": group,
    }


def _of_images(ecr: Any) -> dict[str, dict[str, Any]]:
    name, config = {"repositoryName": "members"}, config_of()
    arn = ecr.create_repository(**name)["repository"]["repositoryArn"]
    ecr.create_repository(repositoryName="members-gone")
    upload = {**name, "uploadId": ecr.initiate_layer_upload(**name)["uploadId"]}
    ecr.upload_layer_part(**upload, partFirstByte=0, partLastByte=len(config) - 1, layerPartBlob=config)
    layer = digest_of(config)
    ecr.complete_layer_upload(**upload, layerDigests=[layer])
    manifests = [manifest_of(config, annotations={"n": str(n)}).decode() for n in range(3)]
    for number, tag in enumerate(("kept", "more")):
        ecr.put_image(**name, imageManifest=manifests[number], imageTag=tag)
    statement = {"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}
    policy = {**name, "policyText": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}
    selection = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 9}
    rule = {"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}
    lifecycle = {**name, "lifecyclePolicyText": json.dumps({"rules": [rule]})}
    ecr.set_repository_policy(**policy)
    ecr.put_lifecycle_policy(**lifecycle)
    fewer = lifecycle["lifecyclePolicyText"].replace("9", "1")
    ecr.start_lifecycle_policy_preview(**name, lifecyclePolicyText=fewer)
    upload["uploadId"] = ecr.initiate_layer_upload(**name)["uploadId"]
    part = {**upload, "partFirstByte": 0, "partLastByte": 0, "layerPartBlob": b"1"}
    plain = (
        "DescribeImages GetLifecyclePolicy GetLifecyclePolicyPreview GetRepositoryPolicy "
        "InitiateLayerUpload ListImages DeleteLifecyclePolicy DeleteRepositoryPolicy"
    )
    return {
        **dict.fromkeys(plain.split(), name),
        "DeleteRepository": {"repositoryName": "members-gone", "force": True},
        "DescribeRepositories": {},
        "BatchCheckLayerAvailability": {**name, "layerDigests": [layer]},
        "BatchDeleteImage": {**name, "imageIds": [{"imageTag": "none"}]},
        "BatchGetImage": {**name, "imageIds": [{"imageTag": "kept"}]},
        "GetDownloadUrlForLayer": {**name, "layerDigest": layer},
        "PutImage": {**name, "imageManifest": manifests[2]},
        "PutImageTagMutability": {**name, "imageTagMutability": "MUTABLE"},
        "PutLifecyclePolicy": lifecycle,
        "StartLifecyclePolicyPreview": {**name, "lifecyclePolicyText": fewer},
        "SetRepositoryPolicy": policy,
        "UploadLayerPart": part,
        "CompleteLayerUpload": {**upload, "layerDigests": [digest_of(b"1")]},
        "ListTagsForResource": {"resourceArn": arn},
        "TagResource": {"resourceArn": arn, "tags": [{"Key": "a", "Value": "b"}]},
        "UntagResource": {"resourceArn": arn, "tagKeys": ["a"]},
    }


def _of_parameters(ssm: Any) -> dict[str, dict[str, Any]]:
    name = {"Name": "members"}
    ssm.put_parameter(**name, Value="1", Type="String")
    secret = {"Name": "members-secret", "Value": "2", "Type": "SecureString"}
    ssm.put_parameter(**secret)
    return {
        "PutParameter": {**name, "Value": "3", "Overwrite": True},
        "GetParameter": name,
        "GetParameters": {"Names": ["members", "members-secret"]},
        "GetParameterHistory": name,
        "LabelParameterVersion": {**name, "Labels": ["x"]},
    }


def _tuning_job(iam: Any, sagemaker: Any) -> None:
    """Make a tuning job, whose one training job has nothing to run."""
    statement = {
        "Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole",
    }  # fmt: skip
    trust = json.dumps({"Version": "2012-10-17", "Statement": statement})
    role = iam.create_role(RoleName="tuner", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    sagemaker.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="members",
        HyperParameterTuningJobConfig={
            "Strategy": "Random",
            "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "m"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 1, "MaxParallelTrainingJobs": 1},
            "ParameterRanges": {"CategoricalParameterRanges": [{"Name": "x", "Values": ["a"]}]},
        },
        TrainingJobDefinition={
            "AlgorithmSpecification": {
                "TrainingImage": story.IMAGE, "TrainingInputMode": "File",
                "MetricDefinitions": [{"Name": "m", "Regex": "m=(.*)"}],
            },
            "RoleArn": role,
            "OutputDataConfig": {"S3OutputPath": "s3://members/"},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        },
    )  # fmt: skip


def renewed(client: Any, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """Return a request with what only one may use: an upload is completed once."""
    if client.meta.service_model.service_name == "ec2":
        return machines.renewed(operation, request)
    if operation != "CompleteMultipartUpload":
        return request
    upload = {name: request[name] for name in ("Bucket", "Key")}
    upload["UploadId"] = client.create_multipart_upload(**upload)["UploadId"]
    client.upload_part(**upload, PartNumber=1, Body=b"x")
    return {**request, **upload}


def _of_s3(s3: Any) -> dict[str, dict[str, Any]]:
    open_, locked = {"Bucket": "members"}, {"Bucket": "members-locked", "Key": "k"}
    s3.create_bucket(**open_, ObjectOwnership="ObjectWriter")
    s3.delete_public_access_block(**open_)
    s3.put_object(**open_, Key="k", Body=b"x", Tagging="team=red")
    s3.create_bucket(Bucket=locked["Bucket"], ObjectLockEnabledForBucket=True)
    s3.put_object(**locked, Body=b"x")
    parts = {"Parts": [{"PartNumber": 1, "ETag": "9dd4e461268c8034f5c8564e155c67a6"}]}  # of b"x"
    statement = {"Effect": "Allow", "Principal": {"AWS": _ACCOUNT}, "Action": "s3:*"}
    policy = {"Version": "2012-10-17", "Statement": {**statement, "Resource": "arn:aws:s3:::members/*"}}
    rule = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "p"}, "Expiration": {"Days": 1}}
    requests: dict[str, dict[str, Any]] = {
        "CompleteMultipartUpload": {**open_, "Key": "parts", "UploadId": "", "MultipartUpload": parts},
        "CopyObject": {**open_, "Key": "copied", "CopySource": "members/k"},
        "DeleteObjectTagging": {**open_, "Key": "k"},
        "GetObjectLegalHold": locked,
        "GetObjectLockConfiguration": {"Bucket": locked["Bucket"]},
        "GetObjectRetention": locked,
        "PutBucketAcl": {**open_, "ACL": "private"},
        "PutBucketCors": {
            **open_,
            "CORSConfiguration": {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]},
        },
        "PutBucketLifecycleConfiguration": {**open_, "LifecycleConfiguration": {"Rules": [rule]}},
        "PutBucketLogging": {**open_, "BucketLoggingStatus": {}},
        "PutBucketNotificationConfiguration": {**open_, "NotificationConfiguration": {}},
        "PutBucketPolicy": {**open_, "Policy": json.dumps(policy)},
        "PutBucketTagging": {**open_, "Tagging": {"TagSet": [{"Key": "team", "Value": "red"}]}},
        "PutBucketVersioning": {**open_, "VersioningConfiguration": {"Status": "Suspended"}},
        "PutBucketWebsite": {**open_, "WebsiteConfiguration": {"IndexDocument": {"Suffix": "i.html"}}},
        "PutObjectAcl": {**open_, "Key": "k", "ACL": "private"},
        "PutObjectLegalHold": {**locked, "LegalHold": {"Status": "OFF"}},
        "PutObjectLockConfiguration": {
            "Bucket": locked["Bucket"],
            "ObjectLockConfiguration": {
                "ObjectLockEnabled": "Enabled",
                "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}},
            },
        },
        "PutObjectRetention": {
            **locked,
            "Retention": {"Mode": "GOVERNANCE", "RetainUntilDate": datetime.now(UTC) + timedelta(days=9)},
        },
    }
    for name in ("PutObjectLegalHold", "PutObjectRetention", "PutBucketPolicy", "PutBucketTagging"):
        s3._make_api_call(name, requests[name])
    for name in ("PutBucketCors", "PutBucketLifecycleConfiguration", "PutBucketWebsite"):
        s3._make_api_call(name, requests[name])
    for kind in ("Cors", "LifecycleConfiguration", "Policy", "PolicyStatus", "Tagging", "Website"):
        requests[f"GetBucket{kind}"] = open_
    return requests


def _of_kms(kms: Any) -> dict[str, dict[str, Any]]:
    def made(spec: str, usage: str, **more: Any) -> dict[str, Any]:
        return {"KeyId": kms.create_key(KeySpec=spec, KeyUsage=usage, **more)["KeyMetadata"]["KeyId"]}

    plain, signing = made("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"), made("ECC_NIST_P256", "SIGN_VERIFY")
    coding, agreeing = made("HMAC_256", "GENERATE_VERIFY_MAC"), made("ECC_NIST_P256", "KEY_AGREEMENT")
    blob = {"CiphertextBlob": kms.encrypt(**plain, Plaintext=b"x")["CiphertextBlob"]}
    sign = {**signing, "Message": b"x", "SigningAlgorithm": "ECDSA_SHA_256"}
    code = {**coding, "Message": b"x", "MacAlgorithm": "HMAC_SHA_256"}
    statement = {"Effect": "Allow", "Principal": {"AWS": _ACCOUNT}, "Action": "kms:*", "Resource": "*"}
    outside = made("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", Origin="EXTERNAL")
    wrapping = {**outside, "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
    parameters = kms.get_parameters_for_import(**wrapping)
    public: Any = serialization.load_der_public_key(parameters["PublicKey"])
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    grant = kms.create_grant(**plain, GranteePrincipal=_ACCOUNT, Operations=["Encrypt"])
    return {
        "Decrypt": blob,
        "DeriveSharedSecret": {
            **agreeing,
            "KeyAgreementAlgorithm": "ECDH",
            "PublicKey": kms.get_public_key(**agreeing)["PublicKey"],
        },
        "GenerateMac": code,
        "DeleteImportedKeyMaterial": outside,
        "GetParametersForImport": wrapping,
        "GetPublicKey": signing,
        "ImportKeyMaterial": {
            **outside,
            "ImportToken": parameters["ImportToken"],
            "EncryptedKeyMaterial": public.encrypt(b"k" * 32, oaep),
            "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
        },
        "PutKeyPolicy": {**plain, "Policy": json.dumps({"Version": "2012-10-17", "Statement": statement})},
        "ReEncrypt": {**blob, "DestinationKeyId": plain["KeyId"]},
        "RevokeGrant": {**plain, "GrantId": grant["GrantId"]},
        "Sign": sign,
        "Verify": {**sign, "Signature": kms.sign(**sign)["Signature"]},
        "VerifyMac": {**code, "Mac": kms.generate_mac(**code)["Mac"]},
    }


def _of_scaling(scaling: Any, functions: Any) -> dict[str, dict[str, Any]]:
    """A version of a function (`stress`, of the world) is the least that can be scaled."""
    version = functions.publish_version(FunctionName="stress")["Version"]
    target = {
        "ServiceNamespace": "lambda",
        "ResourceId": f"function:stress:{version}",
        "ScalableDimension": "lambda:function:ProvisionedConcurrency",
    }
    metric = {"PredefinedMetricType": "LambdaProvisionedConcurrencyUtilization"}
    made = scaling.register_scalable_target(**target, MinCapacity=0, MaxCapacity=1)
    arn = {"ResourceARN": made["ScalableTargetARN"]}
    requests: dict[str, dict[str, Any]] = {
        "RegisterScalableTarget": target,
        "PutScalingPolicy": {
            **target,
            "PolicyName": "p",
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": {
                "TargetValue": 0.7,
                "PredefinedMetricSpecification": metric,
            },
        },
        "PutScheduledAction": {
            **target,
            "ScheduledActionName": "a",
            "Schedule": "rate(7 days)",
            "ScalableTargetAction": {"MaxCapacity": 1},
        },
        "DeleteScalingPolicy": {**target, "PolicyName": "p"},
        "DeleteScheduledAction": {**target, "ScheduledActionName": "a"},
        "DeregisterScalableTarget": target,
        "TagResource": {**arn, "Tags": {"a": "b"}},
        "UntagResource": {**arn, "TagKeys": ["a"]},
        "ListTagsForResource": arn,
        **{
            f"Describe{name}": {"ServiceNamespace": "lambda", **more}
            for name, more in (
                ("ScalableTargets", {"ResourceIds": [target["ResourceId"]]}),
                ("ScalingPolicies", {"ResourceId": target["ResourceId"]}),
                ("ScheduledActions", {"ResourceId": target["ResourceId"]}),
                ("ScalingActivities", {"ResourceId": target["ResourceId"]}),
            )
        },
    }
    for name in ("PutScalingPolicy", "PutScheduledAction"):
        scaling._make_api_call(name, requests[name])
    return requests
