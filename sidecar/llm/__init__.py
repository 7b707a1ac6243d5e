"""The engines that think: the port, the local one, and (later) language models."""
