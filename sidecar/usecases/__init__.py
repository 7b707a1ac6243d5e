"""What the sidecar does: one file a use case, one public function each."""
