"""Requests about pipelines that work: on one whose only step fails by itself, and on its execution."""

from __future__ import annotations

import json
from typing import Any

_ROLE = "arn:aws:iam::123456789012:role/tuner"
_FAIL = {"Name": "Fail", "Type": "Fail", "Arguments": {"ErrorMessage": "no"}}
_PARAMETER = {"Name": "probe", "Type": "String", "DefaultValue": "x"}
DEFINITION = json.dumps({"Version": "2020-12-01", "Parameters": [_PARAMETER], "Steps": [_FAIL]})
_TOKEN = "t" * 32


def pipeline_requests(sagemaker: Any) -> dict[str, dict[str, Any]]:
    """Make the pipelines, and return requests by operation. The role of `_tuning_job` is there."""
    made = {"PipelineDefinition": DEFINITION, "RoleArn": _ROLE, "ClientRequestToken": _TOKEN}
    for name in ("members", "members-gone"):
        arn = sagemaker.create_pipeline(PipelineName=name, **made)["PipelineArn"]
    name, token = {"PipelineName": "members"}, {"ClientRequestToken": _TOKEN}
    sagemaker.update_pipeline(**name, PipelineDefinition=DEFINITION, PipelineVersionAliases=["probe"])
    arn = sagemaker.describe_pipeline(**name)["PipelineArn"]
    execution = {
        "PipelineExecutionArn": sagemaker.start_pipeline_execution(**name, **token)["PipelineExecutionArn"]
    }
    seen = ("DescribePipelineExecution", "DescribePipelineDefinitionForExecution", "UpdatePipelineExecution")
    listed = ("ListPipelineExecutionSteps", "ListPipelineParametersForExecution")
    return {
        "CreatePipeline": made,
        "UpdatePipeline": {**name, "PipelineDefinition": DEFINITION},
        "DescribePipeline": name,
        "DeletePipeline": {"PipelineName": "members-gone", **token},
        "ListPipelineVersions": name,
        "UpdatePipelineVersion": {"PipelineArn": arn, "PipelineVersionId": 1},
        "StartPipelineExecution": {**name, "ClientRequestToken": "u" * 32},
        "RetryPipelineExecution": {**execution, **token},
        "ListPipelineExecutions": name,
        **dict.fromkeys((*seen, *listed), execution),
    }
