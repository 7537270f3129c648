"""SageMaker's ARNs: they carry resource names lower-cased, and IAM matches against that form.

See aws/amazon-sagemaker-examples issue 293: a policy that names an endpoint in mixed case never matches.
"""

from __future__ import annotations

from sagehen.domain.scope import Scope


def resource_arn(scope: Scope, kind: str, name: str) -> str:
    """Return the ARN of a resource, such as `...:training-job/my-job` for kind `training-job`."""
    return scope.arn("sagemaker", f"{kind}/{name.lower()}")


def training_job_arn(scope: Scope, name: str) -> str:
    """See `resource_arn`."""
    return resource_arn(scope, "training-job", name)


def model_arn(scope: Scope, name: str) -> str:
    """See `resource_arn`."""
    return resource_arn(scope, "model", name)


def endpoint_config_arn(scope: Scope, name: str) -> str:
    """See `resource_arn`."""
    return resource_arn(scope, "endpoint-config", name)


def endpoint_arn(scope: Scope, name: str) -> str:
    """See `resource_arn`."""
    return resource_arn(scope, "endpoint", name)


def tuning_job_arn(scope: Scope, name: str) -> str:
    """See `resource_arn`."""
    return resource_arn(scope, "hyper-parameter-tuning-job", name)


def processing_job_arn(scope: Scope, name: str) -> str:
    """See `resource_arn`."""
    return resource_arn(scope, "processing-job", name)


def transform_job_arn(scope: Scope, name: str) -> str:
    """See `resource_arn`."""
    return resource_arn(scope, "transform-job", name)
