"""How the schema came to be: one step of DDL a revision, each safe to repeat."""
