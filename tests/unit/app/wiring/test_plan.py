"""Which rooms a platform starts with, and what is built for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sagehen.app.data_folder import DataFolder
from sagehen.app.declared import declared_operations
from sagehen.app.platform import Platform
from sagehen.app.settings import Settings
from sagehen.app.wiring.circles import CLOSE
from sagehen.app.wiring.plan import PLAN, in_order_of_building, room_of, rooms_of_tables

# Of what each platform has.
CORE_TABLES = ("iam_", "kms_", "s3_", "cost_ledger", "schema_versions", "sqlite_", "discarded_")


@pytest.mark.parametrize(
    ("wanted", "built"),
    [
        (set(), []),
        ({"logs"}, ["cloudwatch", "logs"]),
        ({"logs", "cloudwatch"}, ["cloudwatch", "logs"]),
        ({"ec2"}, ["cloudwatch", "ecr", "logs", "sagemaker", "ec2"]),
        ({"cloudformation", "ecr"}, ["ecr", "cloudformation"]),
    ],
)
def test_what_is_needed_is_built_before(wanted: set[str], built: list[str]) -> None:
    assert in_order_of_building(wanted) == built


@pytest.mark.parametrize(
    ("tables", "rooms"),
    [
        ({"iam_entities", "s3_versions", "kms_keys", "cost_ledger", "schema_versions"}, set()),
        ({"log_events", "metric_points"}, {"logs", "cloudwatch"}),
        ({"alarms"}, {"cloudwatch"}),
        ({"sagemaker_async_requests"}, {"sagemaker"}),
        ({"ssm_parameters"}, {"ec2"}),
        ({"scaling_targets", "lambda_events"}, {"application_autoscaling", "lambda_"}),
    ],
)
def test_a_row_calls_for_its_room(tables: set[str], rooms: set[str]) -> None:
    assert rooms_of_tables(tables) == rooms


def test_every_service_is_in_one_room_or_in_all_platforms() -> None:
    assert {name for name in declared_operations() if room_of(name) is None} == {
        "iam",
        "sts",
        "kms",
        "s3",
        "s3control",
    }
    assert set(CLOSE) == set(PLAN)


@pytest.mark.parametrize("name", PLAN)
def test_a_room_needs_no_more_than_it_says_and_its_tables_are_its_own(name: str, tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.open()
    platform = Platform(Settings(data_folder=folder.root, port=1), folder)
    loading, database = platform._loading, platform._database
    try:
        loading.build({name})
        there = set(in_order_of_building({name}))
        assert {each for each in PLAN if loading.has(each)} == there
        services = {service.name for service in loading.services if room_of(service.name)}
        assert services == {service for each in there for service in PLAN[each].services}
        rows = database.all("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = {row["name"] for row in rows if not row["name"].startswith(CORE_TABLES)}
        owners = {table: rooms_of_tables({table}) for table in tables}
        assert {table: rooms for table, rooms in owners.items() if len(rooms) != 1} == {}
        assert set.union(*owners.values()) == there
        # Who brings no signature has nothing loaded, and would be refused until somebody else has it loaded.
        assert not [bound.name for each in there for bound in loading._operations[each] if bound.anonymous]
    finally:
        platform.close_database()
        folder.close()
