"""The model's constraints: required members, lengths, ranges, patterns, enums, in AWS's words."""
