"""gRPC: servicers, translation between protobuf and domain, interceptors, statuses."""
