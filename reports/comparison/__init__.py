"""Two runs of the same suite side by side: what changed between them."""
