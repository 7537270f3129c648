"""The check list of an export, as lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sagehen.export.check.capacity import costs, quotas
from sagehen.export.check.openness import openness, secrets
from sagehen.export.check.rights import unused
from sagehen.export.graph.exported import Exported
from sagehen.export.graph.node import Node
from sagehen.export.graph.used_policies import Uses


def check_list(
    told: Exported, granted: Sequence[Node], used: Mapping[str, Uses] | None
) -> Iterator[tuple[str, list[str]]]:
    """Yield headings with what stands under each; headings of which there is nothing are left out.

    Args:
        granted, used: Of roles; see `unused`.
    """
    every = (
        ("Ask for these quotas", quotas(told)),
        ("It costs by the hour", costs(told)),
        ("It is open", openness(told)),
        ("It shows", secrets(told)),
        ("Roles have more rights here than they used", unused(granted, used) if used is not None else ()),
        ("Not in the template", told.remarks),
        ("It must be free there, or be yours", names(told)),
        ("There it is otherwise", differences(told)),
    )
    for heading, lines in every:
        if found := list(lines):
            yield heading, found


def names(told: Exported) -> Iterator[str]:
    """Yield names of which AWS has but one."""
    for setting in told.of_kind("bucket"):
        yield f"a name for the bucket {setting.here}: names of buckets are the whole world's"
    roles = [str(node.properties["RoleName"]) for node in told.nodes if "RoleName" in node.properties]
    if roles:
        yield f"roles of the account, in all regions: {', '.join(roles)}"


def differences(told: Exported) -> Iterator[str]:
    """Yield what takes another time, or is something else."""
    types = {node.type for node in told.nodes}
    if "AWS::SageMaker::Endpoint" in types:
        yield "endpoints are in service after minutes, and each update takes as long; here it takes seconds"
    if "AWS::ApplicationAutoScaling::ScalingPolicy" in types:
        yield "scaling out takes an instance's start, some minutes, in which the old ones have all the load"
    if "AWS::Lambda::Function" in types:
        yield "cold starts take longer than here, where a warm parent is forked"
    if "AWS::IAM::Role" in types:
        yield "a change of rights takes some seconds to hold; here it holds at once"
    for setting in told.of_kind("image"):
        yield f"{setting.here} is the real image there; here a Python environment stands for it"
    if told.of_kind("object"):
        yield "what a template names in buckets must be copied first: its top says how"
