"""`sagehen console`: the console in a browser, with a session of root or of a role."""

from __future__ import annotations

import os
import webbrowser
from html import escape
from pathlib import Path

from sagehen.cli.failure import fail
from sagehen.cli.operator import act
from sagehen.cli.running import NotRunning, RunningPlatform


def show(data_folder: Path, role: str | None, *, browser: bool) -> None:
    """Print the console's address with a token that is good once, and open it."""
    data_folder = data_folder.absolute()
    try:
        running = RunningPlatform.find(data_folder)
    except NotRunning as reason:
        fail(str(reason))
    answer = act(data_folder, "console", {"role": role} if role else {})
    url = f"{running.url}/console/#token={answer['token']}"
    print(url)
    if running.elsewhere.url:
        print(f"or on another machine: {running.elsewhere.url}/console/#token={answer['token']}")
    minutes = int(answer["expiresInS"]) // 60
    print(f"good once, within {minutes} minutes; the session ends with its tab, or with `sagehen down`")
    if browser:
        webbrowser.open(_door(data_folder, url).as_uri())


def _door(data_folder: Path, url: str) -> Path:
    """Write a page that leads to an address, for nobody else to read, and return where it is.

    An argument of a browser's process is read by every user of the machine; so the token is not in it.
    """
    page = data_folder / "console.html"
    page.unlink(missing_ok=True)
    descriptor = os.open(page, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(
            "<!doctype html><meta charset='utf-8'><title>Sagehen</title>"
            f"<meta http-equiv='refresh' content='0;url={escape(url)}'>"
            f"<a href='{escape(url)}'>The console</a>\n"
        )
    return page
