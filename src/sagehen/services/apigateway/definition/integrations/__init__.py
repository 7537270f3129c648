"""What stands behind methods: integrations, their responses, and what either may be.

Nothing is called from here: `data_plane/integrations` does that.
"""
