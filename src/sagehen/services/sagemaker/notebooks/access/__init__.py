"""Who may enter a notebook instance: presigned URLs, the sessions that they open, and what the door asks."""
