"""ModelHost: the models that one server holds, each in worker processes of its own.

A model's memory is its own: what one corrupts, leaks or is killed for is no other's. The workers are forks of
the front process, which has imported what the framework needs, so that a load costs a fork and `model_fn`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from sagehen.modelserver.front.dispatcher import Dispatcher
from sagehen.modelserver.messages import Answer, Call
from sagehen.modelserver.multimodel import memory
from sagehen.modelserver.settings import Settings
from sagehen.modelserver.workers.pool import WorkerPool

# Each is a process: the sandbox has 1,024 tasks for all of them.
MOST_MODELS = 256


class NotLoaded(Exception):
    """A model could not be loaded; the message is for the caller."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(slots=True, eq=False)
class Hosted:
    """One model.

    Attributes:
        need_bytes: What it was expected to hold; what its workers hold counts where that is more.
        loaded: Done once it serves; its failure says why it does not.
        asked: Calls that nobody has answered yet.
    """

    name: str
    url: str
    need_bytes: int
    dispatcher: Dispatcher
    pool: WorkerPool
    loaded: asyncio.Future[None]
    asked: set[asyncio.Future[Answer]] = field(default_factory=set)

    @property
    def is_loaded(self) -> bool:
        return self.loaded.done() and not self.loaded.cancelled() and self.loaded.exception() is None

    @property
    def held_bytes(self) -> int:
        return max(self.need_bytes, sum(memory.held_bytes(pid) for pid in self.pool.pids))


class ModelHost:
    """Loads and unloads models, and passes calls on to them.

    Args:
        settings: The server's; a model has its own folder and code.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, settings: Settings) -> None:
        self._loop = loop
        self._settings = settings
        self._models: dict[str, Hosted] = {}

    def models(self) -> Iterator[Hosted]:
        """Yield those that serve, by name."""
        yield from (self._models[name] for name in sorted(self._models) if self._models[name].is_loaded)

    def find(self, name: str) -> Hosted | None:
        """Return a model that serves, or None."""
        model = self._models.get(name)
        return model if model is not None and model.is_loaded else None

    async def load(self, name: str, url: str) -> None:
        """Load a model and return once it serves.

        Args:
            name: Opaque: the caller's key.
            url: The folder that holds it, as the container sees it.

        Raises:
            NotLoaded: 409 it is loaded or being loaded, 507 there is no room, 400 and 500 it is none.
        """
        if name in self._models:
            raise NotLoaded(409, f"Model {name} is already loaded.")
        folder = self._folder(url)
        need = await asyncio.to_thread(memory.expected_bytes, folder)
        if name in self._models:
            raise NotLoaded(409, f"Model {name} is already loaded.")
        held = (model.held_bytes for model in self._models.values())
        if len(self._models) >= MOST_MODELS or not memory.has_room(self._settings.memory_bytes, held, need):
            raise NotLoaded(507, "Insufficient memory to load the model.")
        model = self._begin(name, url, folder, need)
        try:
            await model.pool.start()
            await asyncio.shield(model.loaded)
        except NotLoaded:
            self._forget(model)
            raise

    def unload(self, name: str) -> bool:
        """End a model's workers, also while it loads; False where there is no such model."""
        model = self._models.get(name)
        if model is None:
            return False
        if not model.loaded.done():
            model.loaded.set_exception(NotLoaded(500, "The model was unloaded while it was being loaded."))
        self._forget(model)
        return True

    def submit(self, model: Hosted, call: Call) -> asyncio.Future[Answer]:
        """Pass a call on to a model that serves."""
        answer = model.dispatcher.submit(call)
        model.asked.add(answer)
        answer.add_done_callback(model.asked.discard)
        return answer

    def close(self) -> None:
        """Hang up on all workers: each ends once it has answered what it holds."""
        for model in self._models.values():
            model.pool.close()

    def _folder(self, url: str) -> Path:
        root = self._settings.models_dir
        path = Path(url)
        # Where mounts cannot be made, the folder lies elsewhere than the caller says.
        inner = path.relative_to("/opt/ml/models") if path.is_relative_to("/opt/ml/models") else path
        folder = root / inner
        if ".." in folder.parts or not folder.is_relative_to(root) or not folder.is_dir():
            raise NotLoaded(400, f"There is no model at {url[:1000]}.")
        return folder

    def _begin(self, name: str, url: str, folder: Path, need: int) -> Hosted:
        own, packages = folder / "code", self._settings.packages
        # Its archive brings its code, or all models of the endpoint share one, whose requirements are there.
        shares = not own.is_dir() and self._settings.code_dir.is_dir()
        settings = replace(
            self._settings,
            model_dir=folder,
            code_dir=self._settings.code_dir if shares else own,
            workers=self._settings.workers or 1,
            packages=None if shares or packages is None else packages / name,
        )
        dispatcher = Dispatcher(
            self._loop,
            timeout_s=settings.timeout_s,
            queue_limit=settings.queue_limit,
            max_wait_s=settings.batch_max_wait_ms / 1000,
        )
        loaded: asyncio.Future[None] = self._loop.create_future()
        loaded.add_done_callback(lambda future: future.exception())  # nobody may wait for it any more

        def fail(reason: str) -> None:
            if not loaded.done():
                loaded.set_exception(NotLoaded(500, f"The model could not be loaded: {reason}"))

        def ready() -> None:
            if not loaded.done():
                loaded.set_result(None)

        pool = WorkerPool(settings, dispatcher, fail, ready)
        model = self._models[name] = Hosted(name, url, need, dispatcher, pool, loaded)
        return model

    def _forget(self, model: Hosted) -> None:
        if self._models.get(model.name) is model:
            del self._models[model.name]
        model.pool.end()
        for answer in list(model.asked):
            if not answer.done():
                answer.set_result(Answer(503, "text/plain", b"The model was unloaded."))
