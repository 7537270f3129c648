"""Keys: their records, what each spec can do, their material, and how they end."""
