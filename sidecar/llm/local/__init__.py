"""The local engine: deterministic, without key or network."""
