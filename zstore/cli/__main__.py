"""``python -m zstore.cli``."""

import sys

from zstore.cli.main import main

__all__: list[str] = []

if __name__ == "__main__":
    sys.exit(main())
