"""Server access logs: which buckets keep them, how a line reads, and their delivery to the target bucket."""
