"""Drawing: the process that draws, with AWS's errors."""

from __future__ import annotations

from sagehen.api.errors import NotImplementedOperation
from sagehen.plots.bounds import TooMuchToDraw
from sagehen.plots.chart import Chart
from sagehen.plots.pictures.frames import DrawingFailed, PicturesUnavailable
from sagehen.plots.pictures.process import DrawingProcess
from sagehen.plots.totals import Totals
from sagehen.services.cloudwatch.errors import InternalServiceFault, ValidationError


class Drawing:
    """Draws pictures, one after the other."""

    def __init__(self) -> None:
        self._process = DrawingProcess()

    async def draw(self, picture: Chart | Totals) -> bytes:
        """Return a picture as PNG.

        Raises:
            NotImplementedOperation: No matplotlib is installed; the message names the command.
            ValidationError: More is in it than can be drawn: an expression may come to many series.
            InternalServiceFault: It could not be drawn, or not in its time.
        """
        try:
            return await self._process.draw(picture)
        except PicturesUnavailable as error:
            raise NotImplementedOperation(f"GetMetricWidgetImage: {error}") from None
        except TooMuchToDraw as error:
            raise ValidationError(str(error)) from None
        except DrawingFailed as error:
            raise InternalServiceFault(f"The picture could not be drawn: {error}") from None

    async def stop(self) -> None:
        """End the process."""
        await self._process.stop()
