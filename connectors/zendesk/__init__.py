"""Zendesk: webhooks in, private notes, tags and fields out."""
