"""Real images into the bucket: `train|valid|test/<class>/*`."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.progress import Progress

from examples.image_classifier.story import Story

SPLITS = ("train", "valid", "test")


def files(folder: Path) -> Iterator[Path]:
    """Yield every image of the folder in a fixed order."""
    for split in SPLITS:
        yield from files_of(folder, split)


def files_of(folder: Path, split: str) -> Iterator[Path]:
    """Yield every image of one split; whatever else lies beside them is left alone."""
    for path in sorted((folder / split).glob("*/*")):
        if path.suffix.lower() in (".jpg", ".jpeg", ".png"):
            yield path


def upload(story: Story) -> None:
    """Make the bucket and put every image into it."""
    s3 = story.client("s3")
    s3.create_bucket(Bucket=story.bucket)
    paths = list(files(story.images))
    classes = sorted({path.parent.name for path in paths})
    total_bytes = sum(path.stat().st_size for path in paths)

    def put(path: Path) -> None:
        key = f"images/{path.relative_to(story.images).as_posix()}"
        # upload_file would bring threads of its own to each of a thousand small files: twice the time.
        s3.put_object(Bucket=story.bucket, Key=key, Body=path.read_bytes(), ContentType=content_type(path))

    with ThreadPoolExecutor(4) as pool, Progress(console=story.console, transient=True) as progress:
        for _ in progress.track(pool.map(put, paths), total=len(paths), description="  uploading"):
            pass
    text = f"{len(paths)} images of {len(classes)} classes, {total_bytes / 1e6:.1f} MB"
    story.say(f"s3://{story.bucket}/images/: {text}")
    story.record("images", text)


def content_type(path: Path) -> str:
    return "image/png" if path.suffix.lower() == ".png" else "image/jpeg"
