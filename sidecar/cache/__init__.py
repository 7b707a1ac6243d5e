"""Short-lived shared state: the port, in memory and on Redis."""
