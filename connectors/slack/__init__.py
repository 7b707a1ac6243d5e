"""Slack: escalation cards, commands, and questions answered in threads."""
