"""What a stranger with a key can find out by reflection, and one without cannot."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from google.protobuf import message_factory
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from sidecar.rpc.contract import RPCS, SERVICES
from tests.contract.rpc.conftest import Running


class _WithKey(grpc.StreamStreamClientInterceptor):
    def __init__(self, key: str) -> None:
        self._metadata = (("authorization", f"Bearer {key}"),)

    def intercept_stream_stream(self, continuation, details, requests):  # type: ignore[no-untyped-def]  # grpc has no types
        return continuation(details._replace(metadata=self._metadata), requests)


def test_a_plain_client_finds_services_and_calls_one(running: Running) -> None:
    """Without our source: list, read the types, call, get an answer."""
    with grpc.insecure_channel(running.address) as plain:
        key = running.keys["viewer"]
        database = ProtoReflectionDescriptorDatabase(
            grpc.intercept_channel(plain, _WithKey(key))
        )
        services = set(database.get_services())
        assert set(SERVICES) <= services
        assert "grpc.health.v1.Health" in services
        pool = DescriptorPool(database)
        service = pool.FindServiceByName("sidecar.v1.AssistService")
        method = service.methods_by_name["Retrieve"]
        request = message_factory.GetMessageClass(method.input_type)(query="refund")
        call: Any = plain.unary_unary(
            f"/{service.full_name}/{method.name}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=message_factory.GetMessageClass(
                method.output_type
            ).FromString,
        )
        response = call(request, metadata=(("authorization", f"Bearer {key}"),))
        assert response.mode != 0
        for path in RPCS:
            name, _, rpc = path[1:].rpartition("/")
            assert rpc in pool.FindServiceByName(name).methods_by_name


def test_reflection_without_a_key_is_refused(running: Running) -> None:
    """It lists every method, so it stands behind a key like the rest."""
    with (
        grpc.insecure_channel(running.address) as channel,
        pytest.raises(grpc.RpcError) as caught,
    ):
        ProtoReflectionDescriptorDatabase(channel).get_services()
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED


def test_health_needs_no_key_and_knows_every_service(running: Running) -> None:
    """Load balancers have no key; each service has a status of its own."""
    with grpc.insecure_channel(running.address) as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        for service in ("", *SERVICES):
            answer = check(health_pb2.HealthCheckRequest(service=service))
            assert answer.status == health_pb2.HealthCheckResponse.SERVING
