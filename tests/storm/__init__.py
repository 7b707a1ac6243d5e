"""Killing processes at random while events travel, and counting every effect."""
