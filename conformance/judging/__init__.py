"""What was seen, and the verdict on it: pure functions over values, without sockets and without time."""
