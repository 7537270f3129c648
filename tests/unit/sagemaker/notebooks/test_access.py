"""Who may enter, from which URL, for how long."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.notebooks.entrance import Admitted, Opened, Place, Refused, Visitor
from tests.unit.sagemaker.conftest import USER
from tests.unit.sagemaker.notebooks.conftest import Notebooks

PLACE = Place("us-east-1", "nb-1")


async def token(notebooks: Notebooks, name: str = "Nb-1", **request: int) -> str:
    answer = await notebooks("CreatePresignedNotebookInstanceUrl", NotebookInstanceName=name, **request)
    url = urlsplit(answer["AuthorizedUrl"])
    assert (url.scheme, url.netloc, url.path) == (
        "http",
        f"{name.lower()}.notebook.us-east-1.localhost:4566",
        "/",
    )
    return parse_qs(url.query)["authToken"][0]


async def test_a_presigned_url_opens_a_session_that_ends(notebooks: Notebooks) -> None:
    await notebooks.create()
    await notebooks.until("InService")
    door = notebooks.parts.entrance
    shown = await token(notebooks, SessionExpirationDurationInSeconds=1800)
    opened = await door.open(PLACE, shown, Visitor("10.0.0.1"))
    assert isinstance(opened, Opened)
    assert opened.seconds == 1800
    assert opened.session != shown
    admitted = await door.admit(PLACE, opened.session, Visitor("10.0.0.1"))
    assert isinstance(admitted, Admitted)
    assert (admitted.base_path, admitted.seconds_left) == ("/_aws/notebook/us-east-1/nb-1/", 1800)
    principal, access, environment = notebooks.authorizer.asked[-1]
    assert principal == USER
    assert access.action == "sagemaker:CreatePresignedNotebookInstanceUrl"
    assert (environment["aws:SourceIp"], environment["aws:SecureTransport"]) == ("10.0.0.1", "false")
    assert isinstance(await door.admit(PLACE, opened.session, Visitor("10.0.0.1", secure=True)), Admitted)
    assert notebooks.authorizer.asked[-1][2]["aws:SecureTransport"] == "true"

    await notebooks.clock.advance(301)
    late = await door.open(PLACE, shown, Visitor("10.0.0.1"))
    assert isinstance(late, Refused)
    assert late.status == 403
    assert isinstance(await door.admit(PLACE, opened.session, Visitor("10.0.0.1")), Admitted)
    await notebooks.clock.advance(1500)
    assert isinstance(await door.admit(PLACE, opened.session, Visitor("10.0.0.1")), Refused)


async def test_one_key_fits_one_door(notebooks: Notebooks) -> None:
    door = notebooks.parts.entrance
    for name in ("Nb-1", "other"):
        await notebooks.create(name)
        await notebooks.until("InService", name)
    mine = await token(notebooks)
    opened = await door.open(PLACE, mine, Visitor(""))
    assert isinstance(opened, Opened)
    for place, session, status in (
        (Place("us-east-1", "other"), opened.session, 403),
        (Place("eu-west-1", "nb-1"), opened.session, 404),
        (Place("us-east-1", "none"), opened.session, 404),
        (PLACE, mine, 403),  # a URL's token is no session
        (PLACE, "", 403),
        (PLACE, "\ud800\x00" * 100, 403),
    ):
        refused = await door.admit(place, session, Visitor(""))
        assert isinstance(refused, Refused), place
        assert refused.status == status
    assert isinstance(await door.open(PLACE, opened.session, Visitor("")), Refused)


async def test_rights_count_as_they_are_now(notebooks: Notebooks) -> None:
    await notebooks.create()
    await notebooks.until("InService")
    opened = await notebooks.parts.entrance.open(PLACE, await token(notebooks), Visitor(""))
    assert isinstance(opened, Opened)
    notebooks.authorizer.allows = False
    refused = await notebooks.parts.entrance.admit(PLACE, opened.session, Visitor(""))
    assert isinstance(refused, Refused)
    assert refused.status == 403


async def test_sessions_outlive_the_platform_and_stops_but_not_the_instance(notebooks: Notebooks) -> None:
    await notebooks.create()
    await notebooks.until("InService")
    shown = await token(notebooks)
    opened = await notebooks.parts.entrance.open(PLACE, shown, Visitor(""))
    assert isinstance(opened, Opened)
    notebooks.servers.may_launch.clear()
    await notebooks.restart()
    refused = await notebooks.parts.entrance.admit(PLACE, opened.session, Visitor(""))
    assert refused == Refused(503, "The notebook instance Nb-1 is starting again.")
    await notebooks("StopNotebookInstance", NotebookInstanceName="Nb-1")
    await notebooks.until("Stopped")
    with pytest.raises(ValidationException, match=r"Status \(Stopped\) not in \(\[InService\]\)"):
        await token(notebooks)
    notebooks.servers.may_launch.set()
    await notebooks("StartNotebookInstance", NotebookInstanceName="Nb-1")
    await notebooks.until("InService")
    assert isinstance(await notebooks.parts.entrance.admit(PLACE, opened.session, Visitor("")), Admitted)
    await notebooks("StopNotebookInstance", NotebookInstanceName="Nb-1")
    await notebooks.until("Stopped")
    await notebooks("DeleteNotebookInstance", NotebookInstanceName="Nb-1")
    with pytest.raises(ValidationException, match="RecordNotFound"):
        await notebooks.until("Deleted")
    await notebooks.create()
    await notebooks.until("InService")
    assert isinstance(await notebooks.parts.entrance.admit(PLACE, opened.session, Visitor("")), Refused)
    assert isinstance(await notebooks.parts.entrance.open(PLACE, shown, Visitor("")), Refused)


async def test_urls_and_sessions_do_not_pile_up(notebooks: Notebooks) -> None:
    await notebooks.create()
    await notebooks.until("InService")
    first = await token(notebooks)
    await notebooks.clock.advance(1)
    for _ in range(200):
        last = await token(notebooks)
    door = notebooks.parts.entrance
    assert isinstance(await door.open(PLACE, first, Visitor("")), Refused)
    assert isinstance(await door.open(PLACE, last, Visitor("")), Opened)
    (rows,) = notebooks.database.all("SELECT count(*) AS count FROM sagemaker_notebook_passes")
    assert rows["count"] == 201
