"""An instance type as DescribeInstanceTypes shows it. What we do not know of it is left out."""

from __future__ import annotations

from functools import cache
from typing import Any

from sagehen.executors.hardware.instance_types import InstanceType
from sagehen.services.ec2.instance_types.families import Devices, devices_of, family_of, is_free_tier

FILTERS = {
    "bare-metal": "BareMetal",
    "burstable-performance-supported": "BurstablePerformanceSupported",
    "current-generation": "CurrentGeneration",
    "ebs-info.ebs-optimized-support": "EbsInfo.EbsOptimizedSupport",
    "ebs-info.encryption-support": "EbsInfo.EncryptionSupport",
    "ebs-info.nvme-support": "EbsInfo.NvmeSupport",
    "free-tier-eligible": "FreeTierEligible",
    "hibernation-supported": "HibernationSupported",
    "hypervisor": "Hypervisor",
    "instance-storage-supported": "InstanceStorageSupported",
    "instance-type": "InstanceType",
    "memory-info.size-in-mib": "MemoryInfo.SizeInMiB",
    "network-info.ena-support": "NetworkInfo.EnaSupport",
    "network-info.ipv6-supported": "NetworkInfo.Ipv6Supported",
    "network-info.network-performance": "NetworkInfo.NetworkPerformance",
    "processor-info.supported-architecture": "ProcessorInfo.SupportedArchitectures",
    "supported-root-device-type": "SupportedRootDeviceTypes",
    "supported-usage-class": "SupportedUsageClasses",
    "supported-virtualization-type": "SupportedVirtualizationTypes",
    "vcpu-info.default-cores": "VCpuInfo.DefaultCores",
    "vcpu-info.default-threads-per-core": "VCpuInfo.DefaultThreadsPerCore",
    "vcpu-info.default-vcpus": "VCpuInfo.DefaultVCpus",
}
_MIB_PER_GIB = 1024


@cache
def described(kind: InstanceType) -> dict[str, Any]:
    """Describe a type of the catalogue."""
    family = family_of(kind.name)
    nitro = family.hypervisor == "nitro"
    shown: dict[str, Any] = {
        "InstanceType": kind.name,
        "CurrentGeneration": family.current,
        "FreeTierEligible": is_free_tier(kind.name),
        "SupportedUsageClasses": ["on-demand", "spot"],
        "SupportedRootDeviceTypes": ["ebs"],
        "SupportedVirtualizationTypes": ["hvm"],
        "BareMetal": False,
        "Hypervisor": family.hypervisor,
        "ProcessorInfo": {
            "SupportedArchitectures": [family.architecture],
            "Manufacturer": family.manufacturer,
        },
        "VCpuInfo": {
            "DefaultVCpus": kind.vcpus,
            "DefaultCores": max(1, kind.vcpus // family.threads_per_core),
            "DefaultThreadsPerCore": family.threads_per_core,
        },
        "MemoryInfo": {"SizeInMiB": int(kind.memory_gib * _MIB_PER_GIB)},
        "InstanceStorageSupported": family.has_disks,
        "EbsInfo": {
            "EbsOptimizedSupport": "default" if nitro else "unsupported",
            "EncryptionSupport": "supported",
            "NvmeSupport": "required" if nitro else "unsupported",
        },
        "NetworkInfo": {
            "NetworkPerformance": kind.network,
            "MaximumNetworkCards": 1,
            "DefaultNetworkCardIndex": 0,
            "Ipv6Supported": True,
            "EnaSupport": "required" if nitro else "unsupported",
        },
        "HibernationSupported": False,
        "BurstablePerformanceSupported": family.burstable,
        "DedicatedHostsSupported": False,
        "AutoRecoverySupported": False,
        "SupportedBootModes": ["legacy-bios", "uefi"] if family.architecture == "x86_64" else ["uefi"],
    }
    if (devices := devices_of(kind)) is not None:
        shown |= _accelerators(devices)
    return shown


def _accelerators(devices: Devices) -> dict[str, Any]:
    memory = {"MemoryInfo": {"SizeInMiB": devices.memory_mib}} if devices.memory_mib else {}
    item = {"Count": devices.count, "Name": devices.name}
    if devices.kind == "neuron":
        return {"NeuronInfo": {"NeuronDevices": [{**item, **memory}]}}
    total = {"TotalGpuMemoryInMiB": devices.count * devices.memory_mib} if devices.memory_mib else {}
    gpu = {**item, "Manufacturer": devices.manufacturer, **memory}
    return {"GpuInfo": {"Gpus": [gpu], **total}}
