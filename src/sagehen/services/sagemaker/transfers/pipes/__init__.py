"""Pipe mode: a channel's objects, streamed from S3 into a named pipe for each epoch."""
