"""The pages: a ticket panel for helpdesks, administration, and the demo around it."""
