"""``python -m tests.doubles.zendesk [--port N] [--webhook URL] [--secret TEXT]``.

Runs the double until Ctrl-C. Every line of standard input opens a ticket with that
text; its notes are printed as they come.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time

from tests.doubles.zendesk import Webhook, ZendeskDouble
from tests.doubles.zendesk.hooks import SECRET


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--webhook", default="", help="where events are posted")
    parser.add_argument("--secret", default=SECRET, help="what they are signed with")
    given = parser.parse_args()
    double = ZendeskDouble(port=given.port)
    if given.webhook:
        double.add_webhook(Webhook(given.webhook, given.secret))
    settings = " ".join(f"{name}={value}" for name, value in double.settings.items())
    print(f"deskside connector set zendesk {settings} webhook_secret={given.secret}")
    threading.Thread(target=_show, args=(double,), daemon=True).start()
    try:
        for line in sys.stdin:
            if line.strip():
                number = double.desk.add_ticket(line.strip()[:80], line.strip())
                print(f"opened #{number}", flush=True)
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        double.close()


def _show(double: ZendeskDouble) -> None:
    shown: set[tuple[int, int]] = set()
    while True:
        for number in list(double.desk.tickets):
            for position, note in enumerate(double.desk.notes(number)):
                if (number, position) not in shown:
                    shown.add((number, position))
                    print(f"#{number} has a note:\n{note}\n", flush=True)
        time.sleep(0.2)


if __name__ == "__main__":
    main()
