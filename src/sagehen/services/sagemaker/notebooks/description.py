"""What DescribeNotebookInstance and ListNotebookInstances tell of one. Pure."""

from __future__ import annotations

from typing import Any

from sagehen.services.sagemaker.notebooks.instance import NotebookInstance


def describe(instance: NotebookInstance, url: str) -> dict[str, Any]:
    """Return DescribeNotebookInstance's output. NetworkInterfaceId is left out: there is no interface.

    Args:
        url: Where it is.
    """
    settings = instance.settings
    described = summary(instance, url) | {
        "RoleArn": settings.role_arn,
        "VolumeSizeInGB": settings.volume_gb,
        "DirectInternetAccess": _switch(settings.internet),
        "RootAccess": _switch(settings.root_access),
        "PlatformIdentifier": settings.platform_identifier,
        "IpAddressType": settings.ip_address_type,
        "SubnetId": settings.subnet_id or None,
        "SecurityGroups": list(settings.security_groups) or None,
        "KmsKeyId": settings.kms_key_id or None,
        "InstanceMetadataServiceConfiguration": {
            "MinimumInstanceMetadataServiceVersion": settings.metadata_version
        },
        "FailureReason": instance.failure_reason or None,
    }
    return {name: value for name, value in described.items() if value is not None}


def summary(instance: NotebookInstance, url: str) -> dict[str, Any]:
    """Return one entry of ListNotebookInstances.

    Args:
        url: Where it is.
    """
    settings = instance.settings
    shown: dict[str, Any] = {
        "NotebookInstanceName": instance.name,
        "NotebookInstanceArn": instance.arn,
        "NotebookInstanceStatus": instance.status,
        # Without a scheme, as AWS tells it (recorded: terraform-provider-aws, the attribute `url`).
        "Url": url.partition("://")[2].rstrip("/"),
        "InstanceType": settings.instance_type,
        "CreationTime": instance.created_at,
        "LastModifiedTime": instance.modified_at,
    }
    if settings.lifecycle_config:
        shown["NotebookInstanceLifecycleConfigName"] = settings.lifecycle_config
    if settings.default_repository:
        shown["DefaultCodeRepository"] = settings.default_repository
    if settings.additional_repositories:
        shown["AdditionalCodeRepositories"] = list(settings.additional_repositories)
    return shown


def _switch(on: bool) -> str:
    return "Enabled" if on else "Disabled"
