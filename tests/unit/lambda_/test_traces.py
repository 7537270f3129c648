"""The chain of requests that an invocation belongs to."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from sagehen.services.lambda_.traces import Trace, read_trace

ROOT, PARENT = "1-5759e988-bd862e3fe1be46a994272793", "53995c3f42cd8ad8"
A, B = "arn:aws:lambda:us-east-1:123456789012:function:a", "arn:aws:lambda:us-east-1:123456789012:function:b"


def _draw(count: int) -> str:
    return "f" * count


def test_runs_are_counted_by_function_and_go_on_in_the_header() -> None:
    trace = read_trace(f"Root={ROOT};Parent={PARENT};Sampled=1").with_run(A).with_run(B).with_run(A)
    header = trace.header(_draw, 0)
    assert re.fullmatch(
        f"Root={ROOT};Parent={PARENT};Sampled=1;Lineage=[0-9a-f]{{8}}:2\\|[0-9a-f]{{8}}:1", header
    )
    # As botocore sends it: quoted, the bar too.
    for sent in (header, quote(header, safe="-=;:+&[]{}\"',")):
        again = read_trace(sent)
        assert (again.times(A), again.times(B), again) == (2, 1, trace)


def test_a_chain_begins_where_there_is_none() -> None:
    began = read_trace(None).header(_draw, 0x5759E988)
    assert began == f"Root=1-5759e988-{'f' * 24};Parent={'f' * 16};Sampled=0"


@pytest.mark.parametrize(
    "header",
    [
        "",
        ";;=;",
        "Root=2-x;Parent=;Sampled=?",
        f"root={ROOT}",
        f"Root={ROOT}%0d%0aX: y",
        "Lineage=a87bd80c",
        "Lineage=a87bd80c:-1|a87bd80g:1|:5|a87bd80c:99999",
        "Root=" + "1" * 5000,
    ],
)
def test_what_makes_no_sense_is_as_if_it_were_not_there(header: str) -> None:
    assert read_trace(header) == Trace()


def test_long_chains_keep_who_ran_most() -> None:
    trace = read_trace(None).with_run(A).with_run(A)
    for number in range(200):
        trace = trace.with_run(f"{B}{number}")
    assert (len(trace.runs), trace.times(A), trace.times(f"{B}199")) == (64, 2, 1)
    assert len(trace.header(_draw, 0)) < 1024
