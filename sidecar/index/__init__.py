"""Finding passages and tickets by words and by meaning: the port and its implementations."""
