"""Lineage through boto3 alone: what is made, associated, listed in pages, asked for, taken apart again."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from .conftest import refused

# Of sandboxes it asks nothing at all.
pytestmark = pytest.mark.once


class Made:
    """Data, an action that cleans it, what comes of it, and a context: `data > clean > rows > shelf`.

    Attributes:
        arns: By these names.
    """

    def __init__(self, sagemaker: Any) -> None:
        self.sagemaker, self.unique = sagemaker, uuid.uuid4().hex[:8]
        self.data = {"SourceUri": f"s3://owls-{self.unique}/data"}
        tags = [{"Key": "team", "Value": self.unique}]
        self.arns = {
            "data": sagemaker.create_artifact(
                ArtifactName="the-data", Source=self.data, ArtifactType="DataSet", Tags=tags,
                Properties={"rows": "7"},
            )["ArtifactArn"],
            "rows": sagemaker.create_artifact(
                Source={"SourceUri": f"s3://owls-{self.unique}/rows"}, ArtifactType="DataSet"
            )["ArtifactArn"],
            "clean": sagemaker.create_action(
                ActionName=f"Clean-{self.unique}", Source={"SourceUri": "a/script"}, ActionType="Cleaning",
                Status="InProgress",
            )["ActionArn"],
            "shelf": sagemaker.create_context(
                ContextName=f"Shelf_{self.unique}", Source={"SourceUri": "a/shelf"}, ContextType="Shelf"
            )["ContextArn"],
        }  # fmt: skip
        for one, kind, other in (
            ("data", "ContributedTo", "clean"), ("clean", "Produced", "rows"), ("rows", None, "shelf"),
        ):  # fmt: skip
            typed = {"AssociationType": kind} if kind else {}
            sagemaker.add_association(SourceArn=self.arns[one], DestinationArn=self.arns[other], **typed)

    def asked(self, start: str, **request: Any) -> tuple[set[str], list[tuple[str, str]]]:
        """Return what a query finds, all of its pages, by these names."""
        names = {arn: name for name, arn in self.arns.items()}
        answers, token = [], {}
        while not answers or token:
            answers.append(self.sagemaker.query_lineage(StartArns=[self.arns[start]], **request, **token))
            token = {"NextToken": answers[-1]["NextToken"]} if answers[-1].get("NextToken") else {}
        vertices = [names[each["Arn"]] for answer in answers for each in answer["Vertices"]]
        assert len(set(vertices)) == len(vertices)
        edges = [
            (names[each["SourceArn"]], names[each["DestinationArn"]])
            for answer in answers
            for each in answer["Edges"]
        ]
        return set(vertices), sorted(edges)


@pytest.fixture(scope="module")
def made(sagemaker: Any) -> Made:
    return Made(sagemaker)


def test_what_is_told(sagemaker: Any, made: Made) -> None:
    told = sagemaker.describe_artifact(ArtifactArn=made.arns["data"])
    assert (told["ArtifactName"], told["Source"], told["Properties"]) == (
        "the-data",
        made.data,
        {"rows": "7"},
    )
    assert sagemaker.list_tags(ResourceArn=made.arns["data"])["Tags"][0]["Value"] == made.unique
    assert sagemaker.describe_context(ContextName=made.arns["shelf"])["ContextName"] == f"Shelf_{made.unique}"
    [listed] = sagemaker.list_artifacts(SourceUri=made.data["SourceUri"])["ArtifactSummaries"]
    assert (listed["ArtifactArn"], listed["ArtifactType"]) == (made.arns["data"], "DataSet")

    name = f"Clean-{made.unique}"
    sagemaker.update_action(ActionName=name, Status="Completed", Properties={"a": "1", "b": "2"})
    sagemaker.update_action(ActionName=name, Properties={"a": "3"}, PropertiesToRemove=["b"])
    action = sagemaker.describe_action(ActionName=name)
    assert (action["Status"], action["Properties"]) == ("Completed", {"a": "3"})


def test_what_is_refused(sagemaker: Any, made: Made) -> None:
    again = {"Source": made.data, "ArtifactType": "Model"}
    assert "already exists" in refused(sagemaker.create_artifact, "ValidationException", **again)
    ends = {"SourceArn": made.arns["data"], "DestinationArn": made.arns["clean"]}
    assert "already exists" in refused(sagemaker.add_association, "ValidationException", **ends)
    nowhere = {**ends, "DestinationArn": made.arns["rows"][:-4] + "0000"}
    refused(sagemaker.add_association, "ResourceNotFound", **nowhere)
    refused(sagemaker.delete_association, "ResourceNotFound", **nowhere)
    refused(sagemaker.query_lineage, "ResourceNotFound", StartArns=[nowhere["DestinationArn"]])
    refused(sagemaker.query_lineage, "ValidationException", StartArns=[])
    refused(sagemaker.describe_action, "ResourceNotFound", ActionName="nothing")
    refused(sagemaker.delete_artifact, "ValidationException", ArtifactArn=made.arns["data"])
    components = [
        sagemaker.create_trial_component(TrialComponentName=f"{name}-{made.unique}")["TrialComponentArn"]
        for name in ("one", "two")
    ]
    both = dict(zip(("SourceArn", "DestinationArn"), components, strict=True))
    assert "two experiment entities" in refused(sagemaker.add_association, "ValidationException", **both)


def test_associations_are_listed_in_pages(sagemaker: Any, made: Made) -> None:
    [first] = sagemaker.list_associations(DestinationArn=made.arns["clean"])["AssociationSummaries"]
    assert (first["SourceName"], first["SourceType"], first["AssociationType"]) == (
        "the-data", "DataSet", "ContributedTo",
    )  # fmt: skip
    assert "IamIdentity" in first["CreatedBy"]
    pages = sagemaker.get_paginator("list_associations").paginate(
        SourceType="DataSet", SortBy="SourceArn", SortOrder="Ascending", PaginationConfig={"PageSize": 1}
    )
    found = [each["SourceArn"] for page in pages for each in page["AssociationSummaries"]]
    assert found == sorted(found)
    assert {made.arns["data"], made.arns["rows"]} <= set(found)


def test_what_a_query_finds(made: Made) -> None:
    everything = {"data", "clean", "rows", "shelf"}
    chain = [("clean", "rows"), ("data", "clean"), ("rows", "shelf")]
    assert made.asked("shelf", Direction="Ascendants", IncludeEdges=True) == (everything, chain)
    assert made.asked("rows", IncludeEdges=True, MaxResults=1) == (everything, chain)
    assert made.asked("data", Direction="Descendants", MaxDepth=1) == ({"data", "clean"}, [])
    only = {"LineageTypes": ["Artifact"], "Types": ["DataSet"]}
    assert made.asked("shelf", Direction="Ascendants", IncludeEdges=True, Filters=only) == (
        {"data", "rows"}, [],
    )  # fmt: skip


def test_what_is_taken_apart(sagemaker: Any) -> None:
    made = Made(sagemaker)
    for one, other in (("data", "clean"), ("clean", "rows"), ("rows", "shelf")):
        sagemaker.delete_association(SourceArn=made.arns[one], DestinationArn=made.arns[other])
    assert sagemaker.delete_artifact(Source=made.data)["ArtifactArn"] == made.arns["data"]
    sagemaker.delete_artifact(ArtifactArn=made.arns["rows"])
    sagemaker.delete_action(ActionName=f"Clean-{made.unique}")
    sagemaker.delete_context(ContextName=f"Shelf_{made.unique}")
    assert sagemaker.list_artifacts(SourceUri=made.data["SourceUri"])["ArtifactSummaries"] == []
