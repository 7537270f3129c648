"""What a trial component holds of a job: so much, and no more."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.jobs.tracked import (
    MOST_ARTIFACTS,
    MOST_PARAMETERS,
    Location,
    Tracked,
    described_artifacts,
    number_or_text,
)

HERE = Scope("123456789012", "us-east-1")


@pytest.mark.parametrize(
    ("parameters", "kept"),
    [
        ({"lr": 0.5, "opt": "sgd"}, ["lr", "opt"]),
        ({str(number): 1 for number in range(400)}, [str(number) for number in range(MOST_PARAMETERS)]),
        # 128 KiB of them.
        ({str(number): "x" * 2500 for number in range(60)}, [str(number) for number in range(52)]),
        # What is not kept takes no room.
        ({**{f"long{number}": "x" * 2501 for number in range(60)}, "lr": 0.5}, ["lr"]),
        ({"n" * 400: "x"}, ["n" * 320]),
    ],
)
def test_which_parameters_are_kept(parameters: Mapping[str, float | str], kept: list[str]) -> None:
    job = Tracked(
        *("Training", HERE, "Owls", "arn", 1.0, 1.0, "InProgress", "", None, None), parameters=parameters
    )
    assert list(job.described_parameters()) == kept


def test_which_artifacts_are_kept() -> None:
    many = [Location(str(number), "DataSet", "s3://owls", "t" * number) for number in range(100)]
    described = described_artifacts([Location("", "Image", "an/image"), *many])
    assert list(described) == [str(number) for number in range(MOST_ARTIFACTS)]
    assert described["0"] == {"Value": "s3://owls"}
    assert described["1"] == {"MediaType": "t", "Value": "s3://owls"}


@pytest.mark.parametrize(
    ("text", "told"),
    [("1", 1.0), ("1e-3", 0.001), ("sgd", "sgd"), ("nan", "nan"), ("-inf", "-inf"), ("1e999", "1e999")],
)
def test_what_a_hyperparameter_is(text: str, told: float | str) -> None:
    assert number_or_text(text) == told
