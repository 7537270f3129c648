"""Model quality: predictions against the truth, and what of it is worse than a baseline."""
