"""OpenAI, and every address that speaks its chat protocol."""
