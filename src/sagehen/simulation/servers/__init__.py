"""What serves in a rehearsal: how long work takes, an endpoint's instances, a function's environments."""
