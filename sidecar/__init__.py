"""The Deskside sidecar: classify, retrieve, draft, summarise and escalate."""
