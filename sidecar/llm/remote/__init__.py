"""What every provider of language models shares: the door, the checks, the money."""
