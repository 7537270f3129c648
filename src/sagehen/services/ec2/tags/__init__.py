"""Tags of every kind of resource: what may be one, and the operations on tags alone."""
