"""Rules that bind every response of a run, and how all responses are looked at by them."""
