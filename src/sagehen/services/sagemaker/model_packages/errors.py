"""The registry's refusals.

Words of those that say so are recorded; the others are ours, and their codes are of the operations' models.
"""

from __future__ import annotations

from sagehen.api.errors import ServiceError, ValidationException


class ConflictException(ServiceError):
    """Something stands in the way: versions of a group, or another request of the same client token."""

    status = 400


def no_such_group(arn: str) -> ValidationException:
    """Recorded: getmoto/moto pull request 7246, of DescribeModelPackageGroup."""
    return ValidationException(f"ModelPackageGroup {arn} does not exist.")


def no_such_package(arn: str) -> ValidationException:
    """What AWS's resource provider for CloudFormation looks for (`ModelPackage .* does not exist`)."""
    return ValidationException(f"ModelPackage {arn} does not exist.")


def group_exists(arn: str) -> ValidationException:
    """Recorded: aws-cloudformation/aws-cloudformation-resource-providers-sagemaker, its tests."""
    return ValidationException(f"Model Package Group already exists: {arn}")


def package_exists(arn: str) -> ValidationException:
    """`ModelPackage already exists` is what AWS's Python SDK looks for."""
    return ValidationException(f"ModelPackage already exists: {arn}")


def group_without_policy(arn: str) -> ValidationException:
    """Recorded: as `group_exists`."""
    return ValidationException(f"Cannot find resource policy for: {arn}")


def no_such_group_for_policy(arn: str) -> ValidationException:
    """Recorded: as `group_exists`; the operations of policies have words of their own."""
    return ValidationException(f"Cannot find Model Package Group: {arn}")


def group_not_empty(arn: str) -> ConflictException:
    """Recorded of a `terraform destroy`, the code from the operation's model."""
    return ConflictException(
        f"Model Package Group {arn} cannot be deleted because it still contains Model Packages"
    )


def token_used() -> ConflictException:
    """From memory."""
    return ConflictException("ClientToken was used for a request with other parameters.")


def not_approved(arn: str, status: str) -> ValidationException:
    """Documented (CreateModelPackage, ModelApprovalStatus): it must be Approved to deploy. Our words."""
    return ValidationException(
        f"ModelPackage {arn} cannot be deployed: its ModelApprovalStatus is {status}, and must be Approved."
    )
