"""Rules that bind every response of a run, and how all responses of a run are checked against them."""
