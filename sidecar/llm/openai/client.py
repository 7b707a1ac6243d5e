"""The OpenAI SDK behind ``ModelClient``: chat completions, streamed, by strict schema.

Chat completions and not Responses, because it is what compatible servers speak. The
fixed part comes first, which is what the provider's automatic prompt cache goes by.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import openai
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletionChunk

from sidecar.domain.budget import Tokens
from sidecar.llm.remote.client import End, Letter, Piece
from sidecar.llm.remote.failure import Failure, ProviderFailed
from sidecar.llm.remote.http_status import failed_with

_OWN_HOST = "api.openai.com"
_ENDS = {
    "stop": End.DONE,
    "length": End.TOO_LONG,
    "content_filter": End.REFUSED,
}


class OpenAiClient:
    """One model at one address; ``proxied`` lets the environment name a proxy."""

    name = "openai"

    def __init__(self, key: str, base_url: str, model: str, proxied: bool) -> None:
        # At debug level the SDK would log what is sent.
        logging.getLogger("openai").setLevel(logging.WARNING)
        self.model = model
        self._is_own = urlsplit(base_url).hostname == _OWN_HOST
        self._sdk = openai.OpenAI(
            api_key=key,
            base_url=base_url,
            max_retries=0,
            http_client=openai.DefaultHttpxClient(
                follow_redirects=False, trust_env=proxied
            ),
        )

    def send(self, letter: Letter, seconds: float) -> _Answer:
        """Ask; see the protocol."""
        limit = "max_completion_tokens" if self._is_own else "max_tokens"
        extra: dict[str, Any] = {limit: letter.most_output_tokens}
        try:
            stream = self._sdk.chat.completions.create(
                model=self.model,
                messages=[
                    {"role": "system", "content": letter.fixed},
                    {"role": "user", "content": letter.changing},
                ],
                response_format={
                    "type": "json_schema",
                    "json_schema": {
                        "name": letter.schema_name,
                        "schema": dict(letter.schema),
                        "strict": True,
                    },
                },
                stream=True,
                stream_options={"include_usage": True},
                timeout=seconds,
                **extra,
            )
        except openai.OpenAIError as error:
            raise _failed(error) from None
        return _Answer(stream)

    def close(self) -> None:
        """Release connections."""
        self._sdk.close()


class _Answer:
    def __init__(self, stream: openai.Stream[ChatCompletionChunk]) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[Piece]:
        ended = False
        try:
            for chunk in self._stream:
                if chunk.usage is not None:
                    yield _tokens(chunk.usage)
                for choice in (chunk.choices or [])[:1]:
                    if choice.delta.refusal:
                        yield End.REFUSED
                    if choice.delta.content:
                        yield choice.delta.content
                    if choice.finish_reason is not None:
                        ended = True
                        yield _ENDS.get(choice.finish_reason, End.DONE)
        except openai.OpenAIError as error:
            raise _failed(error, Failure.CUT) from None
        if not ended:
            raise ProviderFailed(Failure.CUT)

    def close(self) -> None:
        """Hang up."""
        self._stream.close()


def _tokens(usage: CompletionUsage) -> Tokens:
    details = usage.prompt_tokens_details
    cached = (details.cached_tokens if details else 0) or 0
    return Tokens(
        fresh=max((usage.prompt_tokens or 0) - cached, 0),
        cache_read=cached,
        output=usage.completion_tokens or 0,
    )


def _failed(
    error: openai.OpenAIError, otherwise: Failure = Failure.UNREACHABLE
) -> ProviderFailed:
    if isinstance(error, openai.APITimeoutError):
        return ProviderFailed(Failure.TIMEOUT)
    if isinstance(error, openai.APIStatusError):
        return failed_with(error.status_code, error.response.headers)
    return ProviderFailed(otherwise)
