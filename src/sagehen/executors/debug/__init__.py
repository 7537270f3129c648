"""Plain processes without any isolation, for people who know what they run. Refuses what it cannot do."""
