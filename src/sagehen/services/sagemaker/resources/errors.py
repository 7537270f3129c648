"""SageMaker's errors, one class per AWS code.

ServiceError
├── ResourceNotFound         a resource that an operation's model lists so (training jobs, job deletion)
├── ResourceInUse            the name is taken, or the resource is busy
├── ResourceLimitExceeded    a quota of the account
└── ThrottlingException      too many wait already; SDKs try it again

`ValidationException` (of `api.errors`) is what SageMaker answers for most missing resources.
"""

from __future__ import annotations

from sagehen.api.errors import ServiceError, ValidationException


class ResourceNotFound(ServiceError):
    """For the operations whose model lists it; others answer ValidationException."""

    status = 400


class ResourceInUse(ServiceError):
    """A job's name is taken, or it has not ended."""

    status = 400


class ResourceLimitExceeded(ServiceError):
    """More instances than one job or endpoint may have, or more tuning jobs than an account."""

    status = 400


class ThrottlingException(ServiceError):
    """Too many wait already for what is done one after the other."""

    status = 400


def limit_exceeded(what: str, most: int, used: int, unit: str = "", delta: int = 1) -> ResourceLimitExceeded:
    """Return AWS's answer where an account would have too many.

    In the words of aws-cloudformation/rain issue 468 (recorded there for notebook instances).

    Args:
        what: What is counted, as the quota is called.
        unit: Behind the numbers, such as ` NotebookInstances`.
    """
    return ResourceLimitExceeded(
        f"The account-level service limit '{what}' is {most}{unit}, with current utilization of {used}{unit} "
        f"and a request delta of {delta}{unit}. Please contact AWS support to request an increase for this "
        "limit."
    )


def could_not_find(kind: str, arn: str) -> ValidationException:
    """Return AWS's answer for a missing model, endpoint or endpoint configuration.

    Args:
        kind: As AWS words it: `model`, `endpoint`, `endpoint configuration`.
        arn: Of what was asked for.
    """
    # From memory; the words below are recorded for endpoints and their configurations.
    return ValidationException(f'Could not find {kind} "{arn}".')


def cannot_create_existing(kind: str, arn: str) -> ValidationException:
    """Return AWS's answer where a name is taken, of the kinds that `could_not_find` has.

    Recorded: aws/amazon-sagemaker-examples issue 2491, awslabs/spot-tagging-bot-for-digital-assets issue 2.
    """
    return ValidationException(f'Cannot create already existing {kind} "{arn}".')
