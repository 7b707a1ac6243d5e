"""The Anthropic SDK behind ``ModelClient``: messages, streamed, by schema."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import anthropic
from anthropic.types import RawMessageStreamEvent

from sidecar.domain.budget import Tokens
from sidecar.llm.remote.client import End, Letter, Piece
from sidecar.llm.remote.failure import Failure, ProviderFailed
from sidecar.llm.remote.http_status import failed_with, of_error_type

_ENDS = {
    "max_tokens": End.TOO_LONG,
    "model_context_window_exceeded": End.TOO_LONG,
    "refusal": End.REFUSED,
}


class AnthropicClient:
    """One model at one address; ``proxied`` lets the environment name a proxy."""

    name = "anthropic"

    def __init__(self, key: str, base_url: str, model: str, proxied: bool) -> None:
        # At debug level the SDK would log what is sent.
        logging.getLogger("anthropic").setLevel(logging.WARNING)
        self.model = model
        self._sdk = anthropic.Anthropic(
            api_key=key,
            base_url=base_url,
            max_retries=0,
            http_client=anthropic.DefaultHttpxClient(
                follow_redirects=False, trust_env=proxied
            ),
        )

    def send(self, letter: Letter, seconds: float) -> _Answer:
        """Ask; see the protocol."""
        try:
            stream = self._sdk.messages.create(
                model=self.model,
                max_tokens=letter.most_output_tokens,
                system=[
                    {
                        "type": "text",
                        "text": letter.fixed,
                        "cache_control": {"type": "ephemeral"},
                    }
                ],
                messages=[{"role": "user", "content": letter.changing}],
                output_config={
                    "format": {"type": "json_schema", "schema": dict(letter.schema)}
                },
                stream=True,
                timeout=seconds,
            )
        except anthropic.AnthropicError as error:
            raise _failed(error) from None
        return _Answer(stream)

    def close(self) -> None:
        """Release connections."""
        self._sdk.close()


class _Answer:
    def __init__(self, stream: anthropic.Stream[RawMessageStreamEvent]) -> None:
        self._stream = stream
        self._used = Tokens()

    def __iter__(self) -> Iterator[Piece]:
        ended = False
        try:
            for event in self._stream:
                if event.type == "message_start":
                    usage = event.message.usage
                    yield self._counted(
                        fresh=usage.input_tokens,
                        read=usage.cache_read_input_tokens,
                        write=usage.cache_creation_input_tokens,
                        output=usage.output_tokens,
                    )
                elif event.type == "content_block_delta":
                    if event.delta.type == "text_delta":
                        yield event.delta.text
                elif event.type == "message_delta":
                    final = event.usage
                    yield self._counted(
                        fresh=final.input_tokens,
                        read=final.cache_read_input_tokens,
                        write=final.cache_creation_input_tokens,
                        output=final.output_tokens,
                    )
                    ended = True
                    yield _ENDS.get(str(event.delta.stop_reason), End.DONE)
        except anthropic.AnthropicError as error:
            raise _failed(error, Failure.CUT) from None
        if not ended:
            raise ProviderFailed(Failure.CUT)

    def _counted(
        self, fresh: int | None, read: int | None, write: int | None, output: int | None
    ) -> Tokens:
        """Return the newest count of each kind; a later event may leave some out."""
        self._used = Tokens(
            fresh=fresh or self._used.fresh,
            cache_read=read or self._used.cache_read,
            cache_write=write or self._used.cache_write,
            output=output or self._used.output,
        )
        return self._used

    def close(self) -> None:
        """Hang up."""
        self._stream.close()


def _failed(
    error: anthropic.AnthropicError, otherwise: Failure = Failure.UNREACHABLE
) -> ProviderFailed:
    if isinstance(error, anthropic.APITimeoutError):
        return ProviderFailed(Failure.TIMEOUT)
    if isinstance(error, anthropic.APIStatusError):
        if error.status_code < 300:  # an error event within a stream
            return ProviderFailed(of_error_type(str(error.type or "")))
        return failed_with(error.status_code, error.response.headers)
    return ProviderFailed(otherwise)
