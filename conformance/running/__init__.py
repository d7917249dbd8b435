"""Playing a plan: what is played with which target, again where that is needed, and what is found."""
