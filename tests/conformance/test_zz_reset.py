"""`POST /_sagehen/reset` gives a test-suite a fresh platform with the same keys.

Last by name: it empties the platform that this folder's tests share.
"""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest

from tests.conformance.conftest import ClientFactory
from tests.running import RunningSagehen


def test_reset_empties_everything_and_keeps_the_keys(
    client: ClientFactory, platform: RunningSagehen | None
) -> None:
    if platform is None:
        pytest.skip("not our platform: it must not be emptied")
    s3, iam = client("s3"), client("iam")
    s3.create_bucket(Bucket="gone-after-reset")
    s3.put_object(Bucket="gone-after-reset", Key="large", Body=b"x" * 200_000)
    iam.create_user(UserName="gone-too")
    platform.reset()
    assert s3.list_buckets()["Buckets"] == []
    assert iam.list_users()["Users"] == []
    roles = [role["RoleName"] for role in iam.list_roles()["Roles"]]
    assert roles == ["SagehenSageMakerExecutionRole"]
    s3.create_bucket(Bucket="gone-after-reset")


def test_a_web_page_cannot_reset(platform: RunningSagehen | None) -> None:
    if platform is None:
        pytest.skip("not our platform: it must not be emptied")
    request = urllib.request.Request(
        f"{platform.url}/_sagehen/reset", method="POST", headers={"Origin": "https://evil.example"}
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=60)
    assert refused.value.code == 403
    refused.value.close()
