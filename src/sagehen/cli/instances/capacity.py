"""`sagehen capacity`: what can be had of instance types, as on AWS on a bad day or in a small account."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sagehen.cli.failure import fail
from sagehen.cli.operator import act


def change(
    data_folder: Path, instance_type: str | None, *, unavailable: bool, available: bool, limit: int | None
) -> None:
    """Change one type's offer where something is said of it; print all that are not the usual one."""
    request: dict[str, Any] = {}
    if instance_type is None and (unavailable or available or limit is not None):
        fail("of which instance type? Such as `sagehen capacity ml.m5.large --unavailable`")
    if unavailable and available:
        fail("--unavailable or --available, not both")
    if instance_type is not None:
        request["InstanceType"] = instance_type
        if unavailable or available:
            request["Available"] = available
        if limit is not None:
            request["Limit"] = limit
    offers = act(data_folder, "capacity", request)["Offers"]
    shown = [offer for offer in offers if instance_type in (None, offer["InstanceType"])]
    for offer in shown:
        print(f"{offer['InstanceType']}  {_said(offer)}")
    if not shown:
        print(f"{instance_type or 'All instance types'}: available, without a limit of the account's")


def _said(offer: dict[str, Any]) -> str:
    said = [] if offer["Available"] else ["unavailable: new instances do not come up"]
    if offer["Limit"] is not None:
        said.append(f"the account's limit is {offer['Limit']}, for each use")
    return "; ".join(said)
