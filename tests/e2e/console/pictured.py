"""What `docs/console/` has pictures of: every screen of the console's registry, some of them twice."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

FOLDER = Path(__file__).parents[3] / "docs/console"

# p50 and p99 of the demo's function on the left, how often it was called on the right.
METRICS: list[list[object]] = [
    ["AWS/Lambda", "Duration", "FunctionName", "classify", {"stat": "p50"}],
    ["...", {"stat": "p99"}],
    [".", "Invocations", ".", ".", {"stat": "Sum", "yAxis": "right"}],
]
_GRAPHED = "/cloudwatch/metrics?metrics=" + quote(json.dumps(METRICS))
_QUESTION = 'filter @type = "REPORT" | stats avg(@duration) as average, max(@duration) as longest by bin(5m)'

# By the pictures' names: where they are taken. `:id` is the first that a screen before it links to.
PICTURES = {
    "start": "/",
    "chain": "/sagehen/chain",
    "scaling": "/sagehen/scaling",
    "rehearsal": "/sagehen/rehearsal",
    "refusals": "/sagehen/refusals",
    "permissions": "/sagehen/permissions",
    "cost": "/sagehen/cost",
    "quotas": "/sagehen/quotas",
    "machine": "/sagehen/machine",
    "buckets": "/s3/buckets",
    "bucket": "/s3/buckets/dog-breeds",
    "training-jobs": "/sagemaker/training-jobs",
    "training-job": "/sagemaker/training-jobs/train-on-2",
    "create-training-job": "/sagemaker/create-training-job?like=train-on-2",
    "tuning-jobs": "/sagemaker/tuning-jobs",
    "tuning-job": "/sagemaker/tuning-jobs/find-rate",
    "processing-jobs": "/sagemaker/processing-jobs",
    "processing-job": "/sagemaker/processing-jobs/say-hello",
    "create-processing-job": "/sagemaker/create-processing-job?like=say-hello",
    "transform-jobs": "/sagemaker/transform-jobs",
    "transform-job": "/sagemaker/transform-jobs/sevens",
    "create-transform-job": "/sagemaker/create-transform-job?like=sevens",
    "pipelines": "/sagemaker/pipelines",
    "pipeline": "/sagemaker/pipelines/classifier",
    "execution": "/sagemaker/pipelines/classifier/executions/:id",
    "models": "/sagemaker/models",
    "model": "/sagemaker/models/classifier-one",
    "create-model": "/sagemaker/create-model?like=classifier-one",
    "model-groups": "/sagemaker/model-groups",
    "model-group": "/sagemaker/model-groups/classifiers",
    "model-version": "/sagemaker/model-groups/classifiers/3",
    "endpoint-configurations": "/sagemaker/endpoint-configurations",
    "endpoint-configuration": "/sagemaker/endpoint-configurations/classifier-captured",
    "create-endpoint-configuration": "/sagemaker/create-endpoint-configuration?like=classifier-one",
    "endpoints": "/sagemaker/endpoints",
    "endpoint": "/sagemaker/endpoints/classifier-one",
    "lineage": "/sagemaker/lineage/"
    + quote("arn:aws:sagemaker:us-east-1:123456789012:endpoint/classifier-one", safe=""),
    "endpoint-capture": "/sagemaker/endpoints/classifier-captured",
    "endpoint-queue": "/sagemaker/endpoints/classifier-later",
    "endpoint-shared": "/sagemaker/endpoints/classifier-shared",
    "notebooks": "/sagemaker/notebook-instances",
    "repositories": "/ecr/repositories",
    "repository": "/ecr/repositories/team%2Ftrainer",
    "image": "/ecr/repositories/team%2Ftrainer/images/:digest",
    "functions": "/lambda/functions",
    "function": "/lambda/functions/classify",
    "function-code": "/lambda/functions/classify",
    "create-function": "/lambda/functions",
    "layers": "/lambda/layers",
    "layer": "/lambda/layers/words",
    "apis": "/apigateway/apis",
    "api": "/apigateway/apis/:id",
    "api-stages": "/apigateway/apis/:id",
    "usage-plans": "/apigateway/usage-plans",
    "usage-plan": "/apigateway/usage-plans/:id",
    "api-keys": "/apigateway/api-keys",
    "roles": "/iam/roles",
    "role": "/iam/roles/classify-function",
    "users": "/iam/users",
    "user": "/iam/users/anna",
    "mfa": "/iam/users/anna",
    "groups": "/iam/groups",
    "group": "/iam/groups/readers",
    "policies": "/iam/policies",
    "policy": "/iam/policies/" + quote("arn:aws:iam::123456789012:policy/list-buckets", safe=""),
    "instance-profiles": "/iam/instance-profiles",
    "identity-providers": "/iam/identity-providers",
    "identity-provider": "/iam/identity-providers/:arn",
    "account": "/iam/account",
    "simulator": "/iam/simulator?who=arn:aws:iam::123456789012:role/classify-function",
    "stacks": "/cloudformation/stacks",
    "stack": "/cloudformation/stacks/labels",
    "change-set": "/cloudformation/stacks/labels/change-sets/an-archive",
    "change-stack": "/cloudformation/change-stack?stack=labels",
    "dashboards": "/cloudwatch/dashboards",
    "dashboard": "/cloudwatch/dashboards/classifier",
    "dashboard-views": "/cloudwatch/dashboards/views",
    "metrics": _GRAPHED,
    "create-alarm": _GRAPHED,
    "logs": "/cloudwatch/log-groups",
    "log-group": "/cloudwatch/log-groups/" + quote("/aws/lambda/classify", safe=""),
    "insights": f"/cloudwatch/insights?group=/aws/lambda/classify&query={quote(_QUESTION)}",
    "alarms": "/cloudwatch/alarms",
    "alarm": "/cloudwatch/alarms/slow-answers",
    "instances": "/ec2/instances",
    "launch": "/ec2/launch",
    "terminal": "/ec2/instances/:id",
    "volumes": "/ec2/volumes",
    "snapshots": "/ec2/snapshots",
    "images": "/ec2/images",
    "spot-requests": "/ec2/spot-requests",
    "key-pairs": "/ec2/key-pairs",
    "security-groups": "/ec2/security-groups",
    "security-group": "/ec2/security-groups/:id",
}

# Screens without a picture, each with the reason.
NOT_PICTURED: dict[str, str] = {
    "/sagemaker/mlflow-tracking-servers": "MLflow is a gigabyte: the demo has none",
}
