"""Many runs side by side: scenarios by targets."""
