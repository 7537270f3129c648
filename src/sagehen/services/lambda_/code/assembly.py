"""What keeps packages."""

from __future__ import annotations

from sagehen.services.lambda_.code.downloads import Downloads
from sagehen.services.lambda_.code.images import FunctionImages
from sagehen.services.lambda_.code.packages import Packages
from sagehen.services.lambda_.code.store import CodeStore
from sagehen.services.lambda_.premises import Premises


class CodeRoom:
    """Packages, as the rooms above see them."""

    def __init__(self, premises: Premises) -> None:
        self.store = CodeStore(premises.folder, premises.ids)
        self.packages = Packages(self.store, premises.objects)
        self.images = FunctionImages(premises.images)
        self.downloads = Downloads(self.store, premises.clock, premises.ids)
