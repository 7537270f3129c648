"""Of what the keys may see in part nothing is made that AWS would refuse."""

from __future__ import annotations

from sagehen.export.reading.observability import observability
from sagehen.export.reading.roles import roles
from tests.unit.export.api import asked
from tests.unit.export.scene import policy

ROLE = {"RoleName": "r", "Path": "/", "Arn": "arn:r", "AssumeRolePolicyDocument": policy()}


def test_policies_whose_documents_are_hidden_are_not_made_without() -> None:
    named = {"Policies": [{"PolicyName": "p", "Arn": "arn:p", "DefaultVersionId": "v1"}]}
    inline = {"PolicyNames": ["own"]}
    listings = {"list_roles": {"Roles": [ROLE]}, "list_policies": named, "list_role_policies": inline}
    [role] = roles(asked(**listings))
    assert "Policies" not in role.properties
    documents = {
        "get_role_policy": {"PolicyDocument": policy()},
        "get_policy_version": {"PolicyVersion": {"Document": policy()}},
    }
    role, managed = roles(asked(**listings, **documents))
    assert role.properties["Policies"] == [{"PolicyName": "own", "PolicyDocument": policy()}]
    assert managed.properties["PolicyDocument"] == policy()


def test_a_dashboard_without_a_body_is_none() -> None:
    assert not [*observability(asked(list_dashboards={"DashboardEntries": [{"DashboardName": "d"}]}))]
