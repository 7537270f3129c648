"""satisfies: which types have what InstanceRequirements ask for. Pure.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceRequirementsRequest.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.errors import NotImplementedOperation
from sagehen.executors.hardware.instance_types import InstanceType
from sagehen.services.ec2.errors import InvalidParameterValue
from sagehen.services.ec2.instance_types.families import Devices, devices_of, family_of
from sagehen.services.ec2.resources.wildcards import matcher

# What the catalogue does not say of types.
_UNKNOWN = (
    *("NetworkInterfaceCount", "LocalStorageTypes", "TotalLocalStorageGB", "BaselineEbsBandwidthMbps"),
    *("NetworkBandwidthGbps", "BaselinePerformanceFactors"),
)
# Prices of Spot move nothing here.
_OF_NO_EFFECT = (
    *("SpotMaxPricePercentageOverLowestPrice", "OnDemandMaxPricePercentageOverLowestPrice"),
    "MaxSpotPriceAsPercentageOfOptimalOnDemandPrice",
)
_MANUFACTURERS = {"intel": "Intel", "amd": "AMD", "amazon-web-services": "AWS"}
_DEVICE_MANUFACTURERS = {"nvidia": "NVIDIA", "amd": "AMD", "amazon-web-services": "AWS"}


def check(requirements: Mapping[str, Any]) -> None:
    """Refuse what cannot be told from the catalogue, and what contradicts itself.

    Raises:
        NotImplementedOperation, InvalidParameterValue.
    """
    for member in (*_UNKNOWN, *_OF_NO_EFFECT):
        if requirements.get(member) is not None:
            raise NotImplementedOperation(f"Sagehen does not implement the requirement {member} of EC2.")
    for member in ("VCpuCount", "MemoryMiB"):
        bounds = requirements.get(member) or {}
        least, most = bounds.get("Min"), bounds.get("Max")
        if least is None or least < 0 or (most is not None and most < least):
            raise InvalidParameterValue(f"The value of {member} is invalid: Min is required and at most Max.")
    if requirements.get("AllowedInstanceTypes") and requirements.get("ExcludedInstanceTypes"):
        raise InvalidParameterValue("AllowedInstanceTypes and ExcludedInstanceTypes exclude one another.")


def satisfies(kind: InstanceType, requirements: Mapping[str, Any]) -> bool:
    """Tell whether a type has what is asked for; what is not asked for has AWS's defaults.

    Worked example: from 4 to 8 vCPUs, at least 16384 MiB and one accelerator of NVIDIA's leave g4dn.xlarge
    and not m5.xlarge.
    """
    family, devices = family_of(kind.name), devices_of(kind)
    memory_mib = kind.memory_gib * 1024
    return (
        _within(kind.vcpus, requirements.get("VCpuCount"))
        and _within(memory_mib, requirements.get("MemoryMiB"))
        and _within(kind.memory_gib / kind.vcpus, requirements.get("MemoryGiBPerVCpu"))
        and _flag(family.burstable, requirements.get("BurstablePerformance") or "excluded")
        and _flag(False, requirements.get("BareMetal") or "excluded")
        and _flag(family.has_disks, requirements.get("LocalStorage") or "included")
        and _one_of(family.manufacturer, requirements.get("CpuManufacturers"), _MANUFACTURERS)
        and _one_of("current" if family.current else "previous", requirements.get("InstanceGenerations"))
        and not requirements.get("RequireHibernateSupport")
        and _named(kind.name, requirements)
        and _accelerated(devices, requirements)
    )


def _within(value: float, bounds: Mapping[str, Any] | None) -> bool:
    least, most = (bounds or {}).get("Min"), (bounds or {}).get("Max")
    return (least is None or value >= least) and (most is None or value <= most)


def _flag(has: bool, wanted: str) -> bool:
    return wanted == "included" or has == (wanted == "required")


def _one_of(value: str, wanted: list[str] | None, names: Mapping[str, str] | None = None) -> bool:
    return not wanted or value in [(names or {}).get(item, item) for item in wanted]


def _named(name: str, requirements: Mapping[str, Any]) -> bool:
    allowed, excluded = requirements.get("AllowedInstanceTypes"), requirements.get("ExcludedInstanceTypes")
    if allowed and not any(matcher(pattern)(name) for pattern in allowed):
        return False
    return not any(matcher(pattern)(name) for pattern in excluded or ())


def _accelerated(devices: Devices | None, requirements: Mapping[str, Any]) -> bool:
    if not _within(devices.count if devices else 0, requirements.get("AcceleratorCount")):
        return False
    members = (
        "AcceleratorTypes",
        "AcceleratorManufacturers",
        "AcceleratorNames",
        "AcceleratorTotalMemoryMiB",
    )
    if not any(requirements.get(member) for member in members):
        return True
    if devices is None:
        return False
    return (
        _one_of("gpu" if devices.kind == "gpu" else "inference", requirements.get("AcceleratorTypes"))
        and _one_of(devices.manufacturer, requirements.get("AcceleratorManufacturers"), _DEVICE_MANUFACTURERS)
        and _one_of(devices.name.lower(), [n.lower() for n in requirements.get("AcceleratorNames") or ()])
        and _within(devices.count * devices.memory_mib, requirements.get("AcceleratorTotalMemoryMiB"))
    )
