"""The commands of queries: stages that rows go through, one after the other. Pure."""
