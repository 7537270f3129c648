"""Instance groups: the instances of a job by type, one group where the request names none."""
