"""Holdings: which models one instance has in memory, and which of them is in use. Pure."""

from __future__ import annotations

from collections import Counter, OrderedDict


class Holdings:
    """Models by name, the least recently used first; and how many requests each has under way."""

    def __init__(self) -> None:
        self._loaded: OrderedDict[str, None] = OrderedDict()
        self._users: Counter[str] = Counter()

    def __contains__(self, model: str) -> bool:
        return model in self._loaded

    def __len__(self) -> int:
        return len(self._loaded)

    def add(self, model: str) -> None:
        """Note that it is loaded; it is the most recently used one now."""
        self._loaded[model] = None
        self._loaded.move_to_end(model)

    def remove(self, model: str) -> None:
        """Note that it is not in memory any more."""
        self._loaded.pop(model, None)

    def begin(self, model: str) -> None:
        """Note a request for it, whether it is loaded or not."""
        self._users[model] += 1
        if model in self._loaded:
            self._loaded.move_to_end(model)

    def end(self, model: str) -> bool:
        """Note that a request is answered; return whether it was the model's last."""
        self._users[model] -= 1
        if self._users[model] > 0:
            return False
        del self._users[model]
        return True

    def is_used(self, model: str) -> bool:
        """Tell whether requests for it are under way."""
        return self._users[model] > 0

    def least_recently_used(self) -> str | None:
        """Return the one to unload first, never one that answers; None where all do, or there is none."""
        return next((model for model in self._loaded if not self.is_used(model)), None)
