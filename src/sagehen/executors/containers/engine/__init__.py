"""The Docker Engine API over a Unix socket: requests, answers, the stream of a container's output."""
