"""Carries events between helpdesks and the sidecar; keeps no state of its own."""
