"""The story's notebook, for both SDKs: cells between `# %%` lines, and what they send into jobs."""
