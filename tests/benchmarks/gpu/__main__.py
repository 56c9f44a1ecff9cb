"""Run `tests.benchmarks.gpu.command`."""

import sys

from tests.benchmarks.gpu.command import main

if __name__ == "__main__":
    sys.exit(main())
