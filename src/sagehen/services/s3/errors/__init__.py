"""S3's errors: class name = AWS's code, with AWS's wording and further elements.

ServiceError
├── requests    InvalidArgument, InvalidRequest, MalformedXML, AccessDenied, MethodNotAllowed
├── buckets     NoSuchBucket, BucketAlreadyExists, InvalidBucketName, MalformedPolicy
├── unset       NoSuch…Configuration, NoSuchBucketPolicy, NoSuchTagSet
├── objects     NoSuchKey, NoSuchVersion, InvalidRange, PreconditionFailed
├── bodies      BadDigest, InvalidDigest, EntityTooLarge, IncompleteBody
├── uploads     NoSuchUpload, InvalidPart, InvalidPartOrder, EntityTooSmall
└── acls        MalformedACLError, AccessControlListNotSupported

Errors of one room alone are in that room (`encryption`, `object_lock`, `access_logs`, `website`).

Codes and statuses are documented (S3 API Reference, Error responses, List of error codes); texts and elements
of those in tests/conformance/s3/test_recorded_errors.py are recorded, others from memory where nothing else
is said.
"""
