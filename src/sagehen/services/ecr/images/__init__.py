"""Images: what is pushed, shown and deleted; `keeping` for the API and the registry's protocol alike."""
