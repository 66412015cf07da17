"""The stand-in alone, for driving by hand or a benchmark: python -m tests.standins.graph PORT HOOK_URL.

Start Frontdesk with GRAPH_BASE_URL at what it prints, connect the number that it prints, and open its address in a
browser to be somebody with a phone. HOOK_URL is the address that the channel's page shows.
"""

import sys
import time

from tests.standins.graph import Graph

port = int(sys.argv[1]) if len(sys.argv) > 1 else 8300
hook_url = sys.argv[2] if len(sys.argv) > 2 else ""
with Graph(port, hook_url) as graph:
    graph.statuses(delay=0.3)
    app = graph.own_app()
    number = graph.number(app=app)
    graph.person()
    for name, value in {
        "Address": graph.url,
        "Phone number ID": number.phone_number_id,
        "WhatsApp Business Account ID": number.waba_id,
        "Access token": number.token,
        "App secret": app.secret,
        "Verify token of the app": app.verify_token,
    }.items():
        sys.stdout.write(f"{name}: {value}\n")
    sys.stdout.flush()
    while True:
        time.sleep(3600)
