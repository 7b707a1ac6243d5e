"""``python -m connectors``: receive and work until a signal says stop."""

from connectors.process import main

if __name__ == "__main__":
    raise SystemExit(main())
