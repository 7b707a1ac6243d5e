"""One class per service: translate in, call the use case, translate out."""
