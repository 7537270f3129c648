"""Scalable targets: what may be scaled, between which bounds; their dimensions and tags."""
