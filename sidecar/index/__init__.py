"""Finding passages and tickets by words and by meaning: port, implementations."""
