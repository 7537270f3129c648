"""The peers of the model server, and the handlers that all of them run."""
