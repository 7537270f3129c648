"""What ran for how long this month: counted while the platform runs, kept when the resource is gone."""
