"""Texts for language models: one file a task, with the version on its first line."""
