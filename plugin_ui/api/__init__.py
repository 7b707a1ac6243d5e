"""What the pages' scripts call; each call passes the person's bearer on."""
