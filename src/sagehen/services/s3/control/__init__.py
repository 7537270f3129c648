"""S3 Control: the API of `{account}.s3-control.…`, signed for `s3` and with paths below `/v20180820/`.

Here live its operations on general purpose buckets. Access points, jobs and the like are answered 501.
"""
