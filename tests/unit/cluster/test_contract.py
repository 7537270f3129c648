"""The executor's contract, as far as a node may differ: what runs there is seen, told and ended as here.

What the local executor alone decides (walls, limits' back ends, warm parents) is tested with it: a node runs
the same one. One node for all of them, since starting it takes longer than they do.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.executors import test_contract as contract
from tests.unit.executors.conftest import Bench

pytestmark = pytest.mark.sandbox


async def test_what_is_started_on_a_node_is_as_what_is_started_here(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await contract.test_output_arrives_in_order_and_whole_before_wait_returns(bench)
    await contract.test_the_environment_is_exactly_what_the_spec_says(bench, monkeypatch)
    await contract.test_read_only_and_writable_mounts(bench, tmp_path)
    await contract.test_stop_lets_the_command_finish(bench)
    await contract.test_many_may_wait_and_the_end_stays_known(bench)
    await contract.test_running_out_of_memory_is_told(bench)
    await contract.test_usage_is_measured(bench)
    await contract.test_a_taken_name_is_refused(bench)
