"""The local engine: deterministic, no key, no network; lexicons, vectors, arithmetic."""
