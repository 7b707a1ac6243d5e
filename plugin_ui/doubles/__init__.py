"""Zendesk and Slack as the demo and the tests play them: stateful, on loopback only."""
