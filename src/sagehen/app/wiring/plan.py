"""PLAN: which rooms there are, what each stands on, and how to tell that a platform starts with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Room:
    """What is built together.

    Args:
        services: AWS services that are in it, by botocore's names.
        tables: How the names of its tables begin. A row in one of them, and the platform starts with it.
        needs: Rooms that are built before.
        folders: Its own, below the data folder. A file in one, and the platform starts with it too: an
            earlier life may not have come to delete what no row names any more.
    """

    services: tuple[str, ...]
    tables: tuple[str, ...]
    needs: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()


# In the order of their start: what later ones write to comes first. The names are those of modules in
# `services/`. Before all of them is what each platform has: IAM, KMS, S3 (`core.py` there).
PLAN: Mapping[str, Room] = {
    "ecr": Room(("ecr",), ("ecr_",), folders=("images",)),
    "logs": Room(("logs",), ("log_",), needs=("cloudwatch",)),
    "cloudwatch": Room(("cloudwatch",), ("alarm", "dashboard", "metric")),
    "ec2": Room(
        ("ec2", "ec2-instance-connect", "ssm"),
        ("ec2_", "ssm_"),
        needs=("cloudwatch", "sagemaker"),
        folders=("sagemaker/machines",),
    ),
    "sagemaker": Room(
        ("sagemaker", "sagemaker-metrics", "sagemaker-runtime"),
        ("sagemaker_",),
        needs=("ecr", "logs", "cloudwatch"),
        folders=("sagemaker",),
    ),
    "lambda_": Room(("lambda",), ("lambda_",), needs=("ecr", "logs", "cloudwatch"), folders=("lambda",)),
    "apigateway": Room(("apigateway",), ("apigateway_",), needs=("logs", "cloudwatch")),
    "application_autoscaling": Room(
        ("application-autoscaling",), ("scaling_",), needs=("cloudwatch", "sagemaker", "lambda_")
    ),
    "cloudformation": Room(("cloudformation",), ("cloudformation_",)),
}


def room_of(service: str) -> str | None:
    """Return the room of an AWS service; None where each platform has it from its start."""
    return next((name for name, room in PLAN.items() if service in room.services), None)


def in_order_of_building(wanted: set[str]) -> list[str]:
    """Return rooms and all that they need, each after what it needs."""
    order: list[str] = []

    def add(name: str) -> None:
        for needed in PLAN[name].needs:
            add(needed)
        if name not in order:
            order.append(name)

    for name in PLAN:
        if name in wanted:
            add(name)
    return order


def rooms_of_tables(tables: set[str]) -> set[str]:
    """Return the rooms that tables belong to."""
    return {name for name, room in PLAN.items() if any(table.startswith(room.tables) for table in tables)}
