"""Which refusals of Slack stop the connector, what mends them, and until when."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from connectors.events import Health

REMEDIES = {
    "not_in_channel": "Invite the app to the channel.",
    "channel_not_found": "Check `channel`, and invite the app to it.",
    "is_archived": "The channel is archived; choose another one.",
    "invalid_auth": "The bot token is not valid; set `bot_token` anew.",
    "not_authed": "The bot token is missing; set `bot_token`.",
    "account_inactive": "The app was removed; install it again.",
    "token_revoked": "The bot token was revoked; install the app again.",
    "token_expired": "The bot token has expired; set `bot_token` anew.",
    "missing_scope": "The app lacks a permission; see docs/connectors.md.",
    "restricted_action": "Slack's settings keep the app from posting here.",
    "msg_blocks_too_long": "The message is too long.",
    "invalid_blocks": "Slack does not understand the message.",
    "message_not_found": "The message is not there any more.",
    "cant_update_message": "The message is not the app's own.",
    "user_not_found": "The person is not in this Slack workspace.",
}
"""What no repetition mends, and what an administrator does about it."""

_OF_TOKEN = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"}
)
_OF_CHANNEL = frozenset(
    {"not_in_channel", "channel_not_found", "is_archived", "restricted_action"}
)
_OF_APP = frozenset({"missing_scope"})
_POST = "chat.postMessage"
# Reading a channel needs the app in it; an archived one is read as well.
_READ = "conversations.history"
_READ_PROVES = frozenset({"not_in_channel", "channel_not_found"})


@dataclass(slots=True)
class Troubles:
    """What stops the connector now; ``channel`` is where alerts go.

    Trouble with that channel ends with a message that got there, and a missing
    permission when the same method works: somebody can be looked up while nothing
    can be posted. Only a bad token is disproved by any call. Trouble with another
    channel concerns who asked there.
    """

    channel: str
    health: Health = field(default_factory=Health)
    _kept: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def refused(self, method: str, channel: str, word: str) -> None:
        """Note a refusal by its word in ``REMEDIES``."""
        with self._lock:
            if word in _OF_CHANNEL and channel == self.channel:
                self._kept[_POST] = word
            elif word in _OF_APP:
                self._kept[method] = word
            self.health.credentials_valid = word not in _OF_TOKEN
            self._say(REMEDIES[word])

    def worked(self, method: str, channel: str) -> None:
        """Note a call that worked."""
        with self._lock:
            if self._is_disproved(method, channel):
                del self._kept[method]
            reads = method == _READ and channel == self.channel
            if reads and self._kept.get(_POST) in _READ_PROVES:
                del self._kept[_POST]
            self.health.credentials_valid = True
            self._say("")

    def _is_disproved(self, method: str, channel: str) -> bool:
        word = self._kept.get(method)
        return word in _OF_APP or (word is not None and channel == self.channel)

    def _say(self, now: str) -> None:
        """Say what stops the connector rather than what stopped one call."""
        lasting = [REMEDIES[word] for word in self._kept.values()]
        bad_token = not self.health.credentials_valid
        self.health.failing = bad_token or bool(lasting)
        self.health.message = lasting[0] if lasting and not bad_token else now
