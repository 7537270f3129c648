"""Views: channels in FastFile mode, whose large files get their content when they are opened, or before."""
