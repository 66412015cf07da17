"""The stand-in alone, for a demo or a benchmark: python -m tests.standins.claude [port] [seconds between two words].

Start Frontdesk with ANTHROPIC_BASE_URL at what it prints and ANTHROPIC_API_KEY=sk-stand-in.
"""

import sys
import time

from tests.standins.claude import running

with running(int(sys.argv[1]) if len(sys.argv) > 1 else 8200) as claude:
    claude.pause = float(sys.argv[2]) if len(sys.argv) > 2 else 0.02
    sys.stdout.write(f"{claude.url}\n")
    sys.stdout.flush()
    while True:
        time.sleep(3600)
