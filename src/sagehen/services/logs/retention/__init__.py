"""Retention: the policies of groups, and the deletion of what they let expire."""
