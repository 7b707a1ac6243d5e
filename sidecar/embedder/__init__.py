"""Turning text into vectors: the port and its implementations."""
