"""The servers that are measured: the same small application on each. Each module takes a port."""
