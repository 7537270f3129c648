"""The ModelError that a container's failure becomes, in AWS's wording."""

from __future__ import annotations

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker_runtime.errors import ModelError

# AWS cuts long messages (the length is ours); a whole HTML page or traceback would drown the caller's log.
_MESSAGE_LIMIT = 4096
# Recorded: aws-samples/host-yolov8-on-sagemaker-endpoint issue 21.
TIMED_OUT = (
    "Your invocation timed out while waiting for a response from container primary. Review the latency "
    "metrics for each container in Amazon CloudWatch, resolve the issue, and try again."
)
# Where the container breaks off in the middle of a request. Worded after the one above.
BROKEN_OFF = "The container primary closed the connection before it answered."


def model_error(
    scope: Scope, endpoint: str, status: int, message: str, container: str = "", group: str = ""
) -> ModelError:
    """Return the error for a container that answered `status` (0: it did not answer).

    Args:
        container: Its name, where there are several.
        group: Where its log is, if not in the endpoint's.

    Source: messages in aws/amazon-sagemaker-examples issues 407 and 785, aws/sagemaker-python-sdk.
    """
    kind = "client" if 400 <= status < 500 else "server"
    group = group or f"/aws/sagemaker/Endpoints/{endpoint}"
    region = scope.region
    text = (
        f"Received {kind} error ({status}) from {container or 'primary'} "
        f'with message "{message[:_MESSAGE_LIMIT]}". '
        f"See https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
        f"#logEventViewer:group={group} in account {scope.account_id} for more information."
    )
    return ModelError(
        text,
        OriginalStatusCode=status,
        OriginalMessage=message[:_MESSAGE_LIMIT],
        LogStreamArn=scope.arn("logs", f"log-group:{group}"),
    )
