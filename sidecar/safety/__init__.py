"""The guards: redaction, suspicion of injected instructions, claims against sources."""
