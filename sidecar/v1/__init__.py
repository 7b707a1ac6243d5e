"""Generated from protos/sidecar/v1 by protos/generate.sh; never edited."""
