"""What CreateNotebookInstance and UpdateNotebookInstance take, beyond what the model says. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.instances import limits
from sagehen.services.sagemaker.notebooks.code_repositories import cloning
from sagehen.services.sagemaker.notebooks.instance import NotebookInstance, Settings

# Request member -> Settings' name, where the value is taken over as it is.
_TAKEN_OVER = {
    "InstanceType": "instance_type",
    "RoleArn": "role_arn",
    "VolumeSizeInGB": "volume_gb",
    "LifecycleConfigName": "lifecycle_config",
    "DefaultCodeRepository": "default_repository",
    "PlatformIdentifier": "platform_identifier",
    "SubnetId": "subnet_id",
    "IpAddressType": "ip_address_type",
    "KmsKeyId": "kms_key_id",
}
# UpdateNotebookInstance: what takes a thing away -> what would give another at once.
_INSTEAD = {
    "DisassociateLifecycleConfig": "LifecycleConfigName",
    "DisassociateDefaultCodeRepository": "DefaultCodeRepository",
    "DisassociateAdditionalCodeRepositories": "AdditionalCodeRepositories",
}


def created(request: Mapping[str, Any]) -> Settings:
    """Return what a new instance is to be.

    Raises:
        ValidationException: It cannot be.
    """
    settings = _with(Settings(instance_type="", role_arn=""), request)
    if not settings.internet and not settings.subnet_id:
        # Documented: CreateNotebookInstance, DirectInternetAccess.
        raise ValidationException(
            "DirectInternetAccess can be set to Disabled only if a SubnetId is specified."
        )
    if settings.security_groups and not settings.subnet_id:
        # From memory that AWS refuses it; the words are ours.
        raise ValidationException("SecurityGroupIds can be specified only together with a SubnetId.")
    return settings


def changed(instance: NotebookInstance, request: Mapping[str, Any]) -> Settings:
    """Return what an instance is to be after UpdateNotebookInstance.

    Raises:
        ValidationException: It cannot be.
    """
    for flag, member in _INSTEAD.items():
        if request.get(flag) and request.get(member):
            # From memory, too; the words are ours.
            raise ValidationException(f"{flag} and {member} cannot be specified together.")
    settings = instance.settings
    if request.get("DisassociateLifecycleConfig"):
        settings = replace(settings, lifecycle_config="")
    if request.get("DisassociateDefaultCodeRepository"):
        settings = replace(settings, default_repository="")
    if request.get("DisassociateAdditionalCodeRepositories"):
        settings = replace(settings, additional_repositories=())
    wanted = _with(settings, request)
    if wanted.volume_gb < settings.volume_gb:
        # Documented: UpdateNotebookInstance, VolumeSizeInGB; the words are ours.
        raise ValidationException(
            f"The volume size of a notebook instance cannot be decreased: {wanted.volume_gb} GB is less than "
            f"the current {settings.volume_gb} GB."
        )
    return wanted


def _with(settings: Settings, request: Mapping[str, Any]) -> Settings:
    if request.get("AcceleratorTypes"):
        # Documented: "no longer supported. Elastic Inference (EI) is no longer available."
        raise ValidationException(
            "AcceleratorTypes is no longer supported: Elastic Inference is not available."
        )
    changes: dict[str, Any] = {
        name: request[member] for member, name in _TAKEN_OVER.items() if request.get(member) is not None
    }
    if (additional := request.get("AdditionalCodeRepositories")) is not None:
        changes["additional_repositories"] = tuple(additional)
    if (groups := request.get("SecurityGroupIds")) is not None:
        changes["security_groups"] = tuple(groups)
    if (access := request.get("RootAccess")) is not None:
        changes["root_access"] = access == "Enabled"
    if (access := request.get("DirectInternetAccess")) is not None:
        changes["internet"] = access == "Enabled"
    if metadata := request.get("InstanceMetadataServiceConfiguration"):
        changes["metadata_version"] = metadata["MinimumInstanceMetadataServiceVersion"]
    wanted = replace(settings, **changes)
    limits.on_this_host(wanted.instance_type)  # refuses what the catalogue has not
    for repository in repositories_of(wanted):
        if cloning.is_url(repository):
            cloning.require_cloneable(repository)
    return wanted


def repositories_of(settings: Settings) -> tuple[str, ...]:
    """Return names and URLs of the repositories, the default one first."""
    first = (settings.default_repository,) if settings.default_repository else ()
    return (*first, *settings.additional_repositories)
