"""What a tuning job is asked to search: training job definitions, objectives, ranges and spaces. Pure."""
