"""Between protobuf and domain, and nowhere else; what comes in is checked here."""
