"""Which candidate to take: objectives, a search where the plan names none, and the words for the choice."""
