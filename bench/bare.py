"""The peer of the API: an application that does nothing but send given bytes, on the same server with the same options.

python -m bench.bare FILE... serves each file at /0, /1 and so on, and prints its address.
"""

import socket
import sys
from pathlib import Path
from typing import Any

import uvicorn

_TYPE = (b"content-type", b"application/json")


def main() -> None:
    """Serve until told to stop."""
    bodies = {f"/{number}": Path(name).read_bytes() for number, name in enumerate(sys.argv[1:])}

    async def application(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001 - the signature of ASGI
        body = bodies[scope["path"]]
        headers = [_TYPE, (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(f"The bare application answers at http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    config = uvicorn.Config(application, log_level="warning", access_log=False, server_header=False, lifespan="off")
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
