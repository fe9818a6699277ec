"""Run the command `dagrun-api` as `python -m dagrun_api`."""

from __future__ import annotations

import sys

from dagrun_api.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
