"""Regions and their availability zones, as AWS lists them; and what an account's attributes are."""
