"""The instance metadata service: what an instance is told of itself, at an address of its own network."""
