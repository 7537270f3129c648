"""What the public API tells, as nodes: a file for each kind of resource. Nothing is changed by it."""
