"""Folders of jobs on the platform's side: their names, whose they are meanwhile, and how they are deleted."""
