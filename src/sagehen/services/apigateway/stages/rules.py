"""What a stage may be: checked when it is created and after each update."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.api.errors import NotImplementedOperation
from sagehen.domain.arn import Arn
from sagehen.services.apigateway.documents.definition import Document, given
from sagehen.services.apigateway.errors import BadRequestException, LimitExceededException

# Documented: Quotas for configuring and running a REST API. The words of the refusal are from memory.
MAX_STAGES = 10

# Documented: CreateStage, stageName.
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
# Fixed limits, documented without the words of their refusals:
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
_MAX_VARIABLES, _MAX_NAME, _MAX_VALUE = 100, 64, 512
# Documented: CreateStage, variables.
_VARIABLE_NAME = re.compile(r"[A-Za-z0-9_]+")
_VARIABLE_VALUE = re.compile(r"[A-Za-z0-9\-._~:/?#&=,]+")
_REQUEST_IDS = re.compile(r"\$context\.(requestId|extendedRequestId)\b")


def refuse_too_many(stages: Sequence[Document]) -> None:
    """Refuse one stage more than AWS's quota.

    Raises:
        LimitExceededException
    """
    if len(stages) >= MAX_STAGES:
        raise LimitExceededException(f"Maximum number of stages for this API is {MAX_STAGES}")


def new_stage(request: Mapping[str, Any], now: float, **own: Any) -> Document:
    """Return the Stage structure of a CreateStage or CreateDeployment request, defaults filled in.

    Args:
        request: What it says of the stage under the same name in both operations.
        now: Seconds since the epoch.
        own: `deploymentId`, `description` and `tags`, which each operation has from elsewhere.
    """
    stage: Document = {
        "stageName": request["stageName"],
        "cacheClusterEnabled": False,
        "cacheClusterStatus": "NOT_AVAILABLE",
        "methodSettings": {},
        "tracingEnabled": False,
        "createdDate": now,
        "lastUpdatedDate": now,
        **{member: value for member, value in own.items() if value},
    }
    stage |= given(request, "cacheClusterSize", "documentationVersion", "variables")
    if canary := request.get("canarySettings"):
        stage["canarySettings"] = {
            "deploymentId": canary.get("deploymentId") or stage["deploymentId"],
            "percentTraffic": canary.get("percentTraffic", 0.0),
            "useStageCache": canary.get("useStageCache", False),
        }
        if overrides := canary.get("stageVariableOverrides"):
            stage["canarySettings"]["stageVariableOverrides"] = overrides
    return stage


def check_stage_request(request: Mapping[str, Any], *, may_be_empty: bool = False) -> None:
    """Check what CreateStage and CreateDeployment say of a stage.

    Args:
        may_be_empty: An empty name is no name.

    Raises:
        BadRequestException
        NotImplementedOperation: Cache clusters, X-Ray, client certificates.
    """
    name = request.get("stageName")
    if name is not None and not (name == "" and may_be_empty) and not _NAME.fullmatch(name):
        raise BadRequestException("Stage name only allows a-zA-Z0-9_-")
    check_variables(request.get("variables") or {})
    check_canary(request.get("canarySettings"))
    refuse_unbuilt(request)


def refuse_unbuilt(settings: Mapping[str, Any]) -> None:
    """Say of what has no effect here that it is not built.

    Raises:
        NotImplementedOperation
    """
    if settings.get("cacheClusterEnabled"):
        raise NotImplementedOperation("Cache clusters of stages are not built.")
    if settings.get("tracingEnabled"):
        raise NotImplementedOperation("Tracing by X-Ray is not built.")
    if settings.get("clientCertificateId"):
        raise NotImplementedOperation("Client certificates are not built.")


def check_stage(stage: Document) -> None:
    """Check a stage as a whole.

    Raises:
        BadRequestException, NotImplementedOperation
    """
    check_variables(stage.get("variables") or {})
    check_canary(stage.get("canarySettings"))
    refuse_unbuilt(stage)
    if log := stage.get("accessLogSettings"):
        _check_access_log(log)


def check_variables(variables: Mapping[str, str]) -> None:
    """Check stage variables.

    Raises:
        BadRequestException
    """
    if len(variables) > _MAX_VARIABLES:
        raise BadRequestException(f"A stage cannot have more than {_MAX_VARIABLES} variables")
    for name, value in variables.items():
        if len(name) > _MAX_NAME or len(value or "") > _MAX_VALUE:
            raise BadRequestException(
                f"Stage variable names can be at most {_MAX_NAME} characters, values at most {_MAX_VALUE}"
            )
        if not _VARIABLE_NAME.fullmatch(name):
            raise BadRequestException(
                "Stage variable names may only contain alphanumeric characters and underscores"
            )
        if value and not _VARIABLE_VALUE.fullmatch(value):
            raise BadRequestException(
                "Stage variable values must match the regular expression [A-Za-z0-9-._~:/?#&=,]+"
            )


def check_canary(canary: Mapping[str, Any] | None) -> None:
    """Check canary settings.

    Raises:
        BadRequestException
    """
    if not canary:
        return
    if not 0.0 <= canary.get("percentTraffic", 0.0) <= 100.0:
        raise BadRequestException("Percent traffic must be between 0.0 and 100.0")
    check_variables(canary.get("stageVariableOverrides") or {})


def _check_access_log(log: Document) -> None:
    if arn := log.get("destinationArn"):
        try:
            parsed = Arn.parse(arn)
        except ValueError:
            raise _bad_destination(arn) from None
        if parsed.service == "firehose":
            raise NotImplementedOperation("Access logs to Firehose are not built.")
        if parsed.service != "logs" or not parsed.resource.startswith("log-group:"):
            raise _bad_destination(arn)
    text = log.get("format")
    if text is not None and ("\n" in text.rstrip("\n") or not _REQUEST_IDS.search(text)):
        raise BadRequestException(
            "Access Log format must be single line, new line character is allowed only at end of the"
            " format and must contain, at minimum, $context.requestId or $context.extendedRequestId"
        )


def _bad_destination(arn: str) -> BadRequestException:
    return BadRequestException(
        f"Invalid ARN specified in the request. ARN: {arn} should be a CloudWatch Logs log group or a"
        " Firehose delivery stream"
    )
