"""Python runs this at start where the folder is on PYTHONPATH: every *.salesforce.com is the demo org.

The client itself stays as it is; it merely finds another address behind the name. Any other host is refused, so that
nothing a client does by itself (telemetry, a look for updates) leaves the machine.
"""

import os
import socket

_original = socket.getaddrinfo
_LOCAL = {"", "localhost", "127.0.0.1", "::1", "0.0.0.0"}


def getaddrinfo(host, port, *args, **kwargs):
    """Answer for the host names of Salesforce with the demo org's https port."""
    name = host.decode() if isinstance(host, bytes) else host or ""
    if name.endswith(".salesforce.com"):
        return _original("127.0.0.1", int(os.environ["DEMO_ORG_HTTPS_PORT"]), *args, **kwargs)
    if name not in _LOCAL and name != socket.gethostname():
        raise socket.gaierror(socket.EAI_NONAME, f"{name} is not this machine")
    return _original(host, port, *args, **kwargs)


socket.getaddrinfo = getaddrinfo
