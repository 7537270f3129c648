"""Layers: uploads and what becomes of them; `uploading` for the API and the registry's protocol alike."""
