"""What comes next for an execution, as a table; which steps a selection runs."""

from __future__ import annotations

import pytest

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.pipelines.definition.step import Step
from sagehen.services.sagemaker.pipelines.executions.decisions import (
    STEPS_FAILED,
    Begin,
    Decision,
    Finish,
    Stop,
    Wait,
    decide,
)
from sagehen.services.sagemaker.pipelines.executions.selection import require_selection, taken_over
from sagehen.services.sagemaker.pipelines.executions.step_record import StepRecord

# A and B; C needs both; a condition on C leads to Yes or No; After needs Yes; D needs nothing.
STEPS = {
    "A": Step("A", "Training", {}),
    "B": Step("B", "Processing", {}),
    "C": Step("C", "Training", {}, needs=frozenset("AB")),
    "If": Step("If", "Condition", {}, needs=frozenset("C")),
    "Yes": Step("Yes", "Model", {}, branch=("If", True), needs=frozenset(("If",))),
    "No": Step("No", "Fail", {}, branch=("If", False), needs=frozenset(("If",))),
    "After": Step("After", "Transform", {}, needs=frozenset(("Yes",))),
    "D": Step("D", "Lambda", {}),
}


def records(text: str) -> dict[str, StepRecord]:
    """`A+ B- C~ D=`: succeeded, failed, running, stopped; `If+yes` and `If+no` with an outcome."""
    found = {}
    for position, word in enumerate(text.split()):
        name = (
            word.rstrip("+-~=yesno") if not word.startswith(("Yes", "No")) else word[: 3 - (word[0] == "N")]
        )
        rest = word[len(name) :]
        status = {"+": "Succeeded", "-": "Failed", "~": "Executing", "=": "Stopped"}[rest[0]]
        outcome = {"yes": True, "no": False}.get(rest[1:])
        found[name] = StepRecord(name, STEPS[name].kind, position, status, 0.0, 0.0, outcome=outcome)
    return found


@pytest.mark.parametrize(
    ("status", "text", "parallel", "expected"),
    [
        ("Executing", "", 50, Begin(("A", "B", "D"))),
        ("Executing", "", 2, Begin(("A", "B"))),
        ("Executing", "A~ B~", 2, Wait()),
        ("Executing", "A~ B+", 2, Begin(("D",))),
        ("Executing", "A+ B~ D+", 50, Wait()),
        ("Executing", "A+ B+ D+", 50, Begin(("C",))),
        ("Executing", "A+ B+ D+ C+", 50, Begin(("If",))),
        ("Executing", "A+ B+ D+ C+ If+yes", 50, Begin(("Yes",))),
        ("Executing", "A+ B+ D+ C+ If+no", 50, Begin(("No",))),
        ("Executing", "A+ B+ D+ C+ If+yes Yes+", 50, Begin(("After",))),
        ("Executing", "A+ B+ D+ C+ If+yes Yes+ After+", 50, Finish("Succeeded")),
        # One that failed keeps back those that need it, and nobody else.
        ("Executing", "A- B+", 50, Begin(("D",))),
        ("Executing", "A- B~ D+", 50, Wait()),
        ("Executing", "A- B+ D+", 50, Finish("Failed", STEPS_FAILED)),
        ("Executing", "A= B+ D+", 50, Finish("Failed", STEPS_FAILED)),
        # A Fail step ends all.
        ("Executing", "A+ B+ C+ If+no No- D~", 50, Stop(("D",))),
        ("Executing", "A+ B+ C+ If+no No- D+", 50, Finish("Failed", STEPS_FAILED)),
        ("Stopping", "A~ B+ D~", 50, Stop(("A", "D"))),
        ("Stopping", "A= B+", 50, Finish("Stopped")),
        ("Stopping", "", 50, Finish("Stopped")),
    ],
)
def test_what_comes_next(status: str, text: str, parallel: int, expected: Decision) -> None:
    found = decide(STEPS, records(text), status=status, parallel=parallel, taking_part=STEPS.keys())
    assert found == expected


def test_who_was_told_to_stop_is_not_told_again() -> None:
    found = decide(
        STEPS,
        records("A~ D~"),
        status="Stopping",
        parallel=50,
        taking_part=STEPS.keys(),
        told_to_stop=("A", "D"),
    )
    assert found == Wait()


def test_only_those_that_take_part_run() -> None:
    found = decide(STEPS, records("A+ B+"), status="Executing", parallel=50, taking_part=("C",))
    assert found == Begin(("C",))
    done = decide(STEPS, records("A+ B+ C+"), status="Executing", parallel=50, taking_part=("C",))
    assert done == Finish("Succeeded")


@pytest.mark.parametrize(
    ("selected", "needed"),
    [("C", {"A", "B"}), ("A C", {"B"}), ("C If", {"A", "B"}), ("A", set()), ("A B C If Yes After", set())],
)
def test_a_selection_needs_what_is_outside_of_it(selected: str, needed: set[str]) -> None:
    assert require_selection(STEPS, selected.split()) == needed


@pytest.mark.parametrize(
    ("selected", "words"),
    [("X", "not a step"), ("A If", "lies between"), ("A D", "not connected"), ("A B", "not connected")],
)
def test_a_selection_that_cannot_be(selected: str, words: str) -> None:
    with pytest.raises(ValidationException, match=words):
        require_selection(STEPS, selected.split())


def test_only_what_succeeded_is_taken_over() -> None:
    assert taken_over({"A"}, records("A+ B-"), "source").keys() == {"A"}
    with pytest.raises(ValidationException, match="'B'"):
        taken_over({"A", "B"}, records("A+ B-"), "source")
