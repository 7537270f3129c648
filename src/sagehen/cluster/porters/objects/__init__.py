"""What a node gets from S3 by itself: with a role's credentials, by connections beside its link."""
