"""uv: found, told what pip was told, and run with its words passed on."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from sagehen.executors.environments.pip_settings import PipSettings

# Gigabytes over a slow line.
_LONGEST_S = 3600.0
_KEPT_LINES = 40
_LONGEST_LINE = 500
# Each of a hundred packages, and where on this machine they go: jobs' logs are read by others.
_UNSAID = (" + ", " - ", " ~ ", "Using Python")


class UvMissing(Exception):
    """There is no uv on this machine; the message says how to get it."""


class UvFailed(Exception):
    """It ended with an error; the message is its last words."""


def find_uv() -> Path:
    """Return uv: beside the platform's interpreter, or in PATH.

    Raises:
        UvMissing
    """
    beside = Path(sys.executable).with_name("uv")
    if os.access(beside, os.X_OK):
        return beside
    if found := shutil.which("uv"):
        return Path(found)
    raise UvMissing(f"Environments are built by uv, which is not here: `{sys.executable} -m pip install uv`.")


def settings(pip: PipSettings, environment: Mapping[str, str]) -> dict[str, str]:
    """Return uv's variables: the operator's own, and what pip was told, which uv does not read.

    Args:
        pip: The host's pip configuration.
        environment: The operator's variables.
    """
    kept = ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "XDG_CACHE_HOME", "NETRC")
    found = {
        name: value
        for name, value in environment.items()
        if name in kept or name.startswith("UV_") or name.lower() in ("http_proxy", "https_proxy", "no_proxy")
    }
    # A shell of `sagehen env` goes through a platform's door, which may be gone or be this very one.
    door = environment.get("AWS_ENDPOINT_URL")
    found = {n: v for n, v in found.items() if not (n.lower().endswith("_proxy") and v == door)}
    if not os.path.exists(found.get("SSL_CERT_FILE", "/")):  # noqa: PTH110 - a text that may be anything
        del found["SSL_CERT_FILE"]
    told = pip.environment
    pairs = {
        "UV_DEFAULT_INDEX": told.get("PIP_INDEX_URL"),
        "UV_INDEX": told.get("PIP_EXTRA_INDEX_URL"),
        "UV_FIND_LINKS": (told.get("PIP_FIND_LINKS") or "").replace(" ", ",") or None,
        "SSL_CERT_FILE": told.get("PIP_CERT"),
        "UV_NO_INDEX": told.get("PIP_NO_INDEX"),
        "UV_INSECURE_HOST": told.get("PIP_TRUSTED_HOST"),
    }
    for name, value in pairs.items():
        if value:
            found.setdefault(name, value)
    if "UV_INDEX" in found:  # pip takes the best of all indexes
        found.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    return found | {
        "UV_NO_PROGRESS": "1",
        "NO_COLOR": "1",
        "UV_PYTHON_DOWNLOADS": "never",
    }


def torch_backends(variables: Mapping[str, str], gpus: int) -> tuple[str | None, ...]:
    """Return which builds of torch to ask for, in turn; None: what the operator's own index has.

    An index that somebody has set up is where packages come from, torch's own may not even be in reach.
    """
    own = ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_FIND_LINKS", "UV_NO_INDEX", "UV_TORCH_BACKEND")
    if any(variables.get(name) for name in own):
        return (None,)
    return ("auto" if gpus else "cpu", None)


class Uv:
    """Runs uv, one process at a time.

    Args:
        program: Of `find_uv`.
        variables: Of `settings`.
        say: Is given each line that it writes, as it comes.
    """

    def __init__(self, program: Path, variables: Mapping[str, str], say: Callable[[str], None]) -> None:
        self._program = program
        self._variables = dict(variables)
        self._say = say
        self._running: subprocess.Popen[str] | None = None
        self._stopped = threading.Event()

    def run(
        self, arguments: Sequence[str], given: str = "", hold: Sequence[int] = (), quiet: bool = False
    ) -> str:
        """Run it to its end and return what it wrote to standard output. Blocks.

        Args:
            arguments: None of them a user's.
            given: Its standard input.
            hold: Descriptors that it keeps open for as long as it lives.
            quiet: Its words are only for the error.

        Raises:
            UvFailed: It failed, took longer than an hour, or was stopped.
        """
        self.pause(0)
        command = [str(self._program), *arguments, *self._options(arguments)]
        process = subprocess.Popen(
            command, env=self._variables, cwd="/", text=True, errors="replace",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=tuple(hold),
            umask=0o022, start_new_session=True,
        )  # fmt: skip
        timer = threading.Timer(_LONGEST_S, process.kill)
        timer.start()
        words: list[str] = []
        listener = threading.Thread(target=self._listen, args=(process, words, quiet), daemon=True)
        listener.start()
        try:
            assert process.stdin is not None and process.stdout is not None
            with self.owning(process):
                with contextlib.suppress(BrokenPipeError):
                    process.stdin.write(given)
                    process.stdin.close()
                answer = process.stdout.read()
                code = process.wait()
                listener.join(5)
        except BaseException:
            process.kill()
            process.wait()
            raise
        finally:
            timer.cancel()
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
        if code != 0:
            raise UvFailed(" ".join(" ".join(words[-_KEPT_LINES:]).split()) or f"uv ended with {code}")
        return answer

    def _options(self, arguments: Sequence[str]) -> list[str]:
        # The one setting of pip's that uv reads from no variable.
        no_index = arguments[:1] == ["pip"] and self._variables.get("UV_NO_INDEX")
        return ["--no-index"] if no_index else []

    @contextlib.contextmanager
    def owning(self, process: subprocess.Popen[str]) -> Iterator[None]:
        """Let `stop` end a process of the same build, for as long as this lasts."""
        self._running = process
        try:
            if self._stopped.is_set():
                self.stop()
            yield
        finally:
            self._running = None

    def pause(self, seconds: float) -> None:
        """Wait. Raises UvFailed where it was stopped."""
        if self._stopped.wait(seconds):
            raise UvFailed("stopped")

    def stop(self) -> None:
        """End what runs, from any thread; what is asked later fails at once."""
        self._stopped.set()
        if (process := self._running) is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()

    def _listen(self, process: subprocess.Popen[str], words: list[str], quiet: bool) -> None:
        assert process.stderr is not None
        for line in process.stderr:
            text = line.rstrip()[:_LONGEST_LINE]
            words.append(text)
            del words[:-_KEPT_LINES]
            if text and not quiet and not text.startswith(_UNSAID):
                with contextlib.suppress(OSError):  # nobody hears it any more; unread, uv would stand still
                    self._say(text)
