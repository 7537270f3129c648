"""PNGs from the drawing process: what is to be seen, strangers' input, its end and its beginning anew."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest

from sagehen.plots.bounds import TooMuchToDraw
from sagehen.plots.chart import Chart, Level, Moment, Panel, Series, XAxis, YAxis
from sagehen.plots.pictures import command, once
from sagehen.plots.pictures.frames import ANSWER, PNG, DrawingFailed, PicturesUnavailable, encoded
from sagehen.plots.pictures.process import DrawingProcess
from sagehen.plots.totals import Band, Total, Totals, TotalsView

NASTY = (
    "$\\frac{1}{0}$",
    "_hidden",
    "\0\x1b]0;x\x07",
    "\u202eabc",
    "x" * 10_000_000,
    "日本 עברית",
    "\ud800",
    "",
)


def pixels(png: bytes, color: str) -> tuple[tuple[int, int], int]:
    """Return a picture's size, and how many of its pixels have a colour."""
    from PIL import Image

    image = Image.open(io.BytesIO(png)).convert("RGB")
    wanted = bytes.fromhex(color.lstrip("#"))
    raw = image.tobytes()
    return image.size, sum(raw[at : at + 3] == wanted for at in range(0, len(raw), 3))


def panel(stacked: bool = False) -> Panel:
    ys = (1, None, 1e308)
    kinds = ("line", "area", "bars", "steps", "points")
    series = tuple(
        Series(label, (0, 60, 120), ys[: 3 - number % 2], kinds[number % 5], color="#123456")
        for number, label in enumerate(NASTY)
    )  # fmt: skip
    nan = float("nan")
    return Panel(
        (*series, Series("right", (nan, 1), (nan, nan), side="right")),
        title=NASTY[0],
        left=YAxis(NASTY[4], NASTY[2], low=nan),
        levels=(Level(1, NASTY[0], NASTY[2], "above"), Level(nan), Level(0, until=2, fill="between")),
        moments=(Moment(60, NASTY[5], fill="below"), Moment(1e300, until=-1e300, fill="between")),
        stacked=stacked,
    )


async def test_a_process_draws_one_picture_after_the_other() -> None:
    drawing = DrawingProcess()
    try:
        line = Series("a", (0, 1, 2), (0, 2, 1), "area", color="#0a0b0c")
        size, count = pixels(
            await drawing.draw(Chart((Panel((line,)),), "T", width=300, height=150)), "#0a0b0c"
        )
        assert size == (300, 150) and count > 100
        first = drawing._process
        assert first is not None
        for chart in (
            Chart((panel(), panel(stacked=True)), NASTY[0], XAxis(label=NASTY[2]), "right", 1, 1),
            Chart((panel(), panel(stacked=True)), NASTY[4], legend="right"),
        ):
            size, _ = pixels(await drawing.draw(chart), "#123456")
            assert size == (chart.width, chart.height)
        items = tuple(Total(label, None if not label else 3.0, label, spark=(1, None)) for label in NASTY)
        views: tuple[TotalsView, ...] = ("tiles", "bars", "pie", "gauge")
        for view in views:
            totals = Totals(items, view, NASTY[0], bands=(Band(1, 2, NASTY[0]),), width=320, height=240)
            size, count = pixels(await drawing.draw(totals), "#1f77b4")
            assert size == (320, 240) and count > 50, view
        assert drawing._process is first
    finally:
        await drawing.stop()
    assert drawing._process is None


async def test_a_process_that_just_ended_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "answer").write_bytes(ANSWER.pack(PNG, 3) + b"png")
    script = f"cd {tmp_path}; [ -e seen ] || {{ touch seen; exit; }}; cat answer; exec cat >&2"
    monkeypatch.setattr("sagehen.plots.pictures.process.command", lambda idle_s: ["/bin/sh", "-c", script])
    drawing = DrawingProcess()
    assert await drawing.draw(Chart(())) == b"png"
    await drawing.stop()


@pytest.mark.parametrize(
    ("script", "said", "starts"),
    [("exit 1", r"ended before.*status 1", 2), ("kill -PROF $$", "takes too long to draw", 1)],
)
async def test_a_process_that_cannot_draw_is_an_error(
    script: str, said: str, starts: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = ["/bin/sh", "-c", f"echo >> {tmp_path}/starts; {script}"]
    monkeypatch.setattr("sagehen.plots.pictures.process.command", lambda idle_s: counted)
    drawing = DrawingProcess()
    with pytest.raises(DrawingFailed, match=said):
        await drawing.draw(Chart((Panel(()),)))
    assert (tmp_path / "starts").read_text() == "\n" * starts
    with pytest.raises(TooMuchToDraw, match="2000 pixels"):
        await drawing.draw(Chart((), width=2001))


def test_without_matplotlib_the_command_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "matplotlib.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(PicturesUnavailable, match=r"pip install 'sagehen\[plots\]'"):
        once.draw_png(Chart((Panel(()),)))


@pytest.mark.parametrize("ending", ["idle", "half a message"])
def test_the_process_ends_by_itself_and_has_no_secrets(ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    assert "secret" not in command.environment().values()
    with subprocess.Popen(
        command.command(0.01 if ending == "idle" else 600),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=command.environment(),
    ) as process:  # fmt: skip
        if ending == "idle":
            assert process.wait(60) == 0  # its input is open
        else:
            answer, _ = process.communicate(encoded(Chart(()))[:-1], timeout=60)
            assert (process.returncode, answer) == (0, b"")
