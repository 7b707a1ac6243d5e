"""The command line: processes, operators' tools, and clients of the sidecar."""
