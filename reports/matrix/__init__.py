"""Several runs side by side: scenarios by servers."""
