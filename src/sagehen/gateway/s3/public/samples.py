"""AWS's own public buckets that notebooks read with a signature, because their SDK signs all that it asks.

Of 83 public notebooks that use SageMaker, 17 read one of these (counted on 2026-11-30). The names are AWS's:
nobody has a bucket of his own under one of them there. The signature stays here.
"""

from __future__ import annotations

import re

# Documented: aws/amazon-sagemaker-examples reads its data from the first three, the SDK JumpStart's
# models from the fourth, the MLOps templates of SageMaker Projects from the fifth; the last is a data set
# of AWS's Open Data (Amazon Bin Image Dataset).
_NAMES = re.compile(
    r"sagemaker-sample-files"
    r"|sagemaker-example-files-prod-[a-z0-9-]+"
    r"|sagemaker-sample-data-[a-z0-9-]+"
    r"|jumpstart-cache-prod-[a-z0-9-]+"
    r"|sagemaker-servicecatalog-seedcode-[a-z0-9-]+"
    r"|aft-vbi-pds"
)
_LONGEST_NAME = 63  # documented: Bucket naming rules
_READ_BY = frozenset(
    ("GetObject", "HeadObject", "ListObjects", "ListObjectsV2", "HeadBucket", "GetBucketLocation")
)


def is_sample(bucket: str) -> bool:
    """Tell whether a bucket is one of AWS's own for samples."""
    return len(bucket) <= _LONGEST_NAME and _NAMES.fullmatch(bucket) is not None


def is_read_by(operation: str) -> bool:
    """Tell whether an operation only reads, and is what programs read buckets with."""
    return operation in _READ_BY
