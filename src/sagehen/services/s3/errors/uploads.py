"""Errors about multipart uploads and their parts."""

from __future__ import annotations

from sagehen.api.errors import ServiceError


class NoSuchUpload(ServiceError):
    """It never was, is over, or belongs to another key."""

    status = 404

    def __init__(self, upload_id: str) -> None:
        super().__init__(
            "The specified upload does not exist. The upload ID may be invalid, "
            "or the upload may have been aborted or completed.",
            UploadId=upload_id,
        )


class EntityTooSmall(ServiceError):
    """A part other than the last is below 5 MiB; sizes in bytes."""

    status = 400

    def __init__(self, number: int, etag: str, size: int, minimum: int) -> None:
        super().__init__(
            "Your proposed upload is smaller than the minimum allowed size",
            ETag=etag.strip('"'),
            MinSizeAllowed=str(minimum),
            PartNumber=str(number),
            ProposedSize=str(size),
        )


class InvalidPart(ServiceError):
    """A part that is completed was not uploaded, or has another ETag."""

    status = 400

    def __init__(self, upload_id: str, number: int, etag: str) -> None:
        super().__init__(
            "One or more of the specified parts could not be found.  The part may not have been uploaded, "
            "or the specified entity tag may not match the part's entity tag.",
            UploadId=upload_id,
            PartNumber=str(number),
            ETag=etag,
        )


class InvalidPartOrder(ServiceError):
    """The parts that are completed do not ascend."""

    status = 400

    def __init__(self, upload_id: str) -> None:
        super().__init__(
            "The list of parts was not in ascending order. "
            "The parts list must be specified in order by part number.",
            UploadId=upload_id,
        )
