"""HTTP as uvicorn speaks it, with a web server's refusal in Salesforce's words when a client speaks something else."""

import asyncio

from demo_org.wire.envelope import bad_message

PROTOCOL: type[asyncio.Protocol]

try:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
except ImportError:  # httptools has no build for this Python: uvicorn's own parser answers in its own words
    from uvicorn.protocols.http.h11_impl import H11Protocol

    PROTOCOL = H11Protocol
else:

    class Protocol(HttpToolsProtocol):
        """The fast parser of uvicorn."""

        def send_400_response(self, msg: str) -> None:
            """Refuse what is no HTTP and close the connection."""
            refused = bad_message(400, msg.rstrip("."))
            body = refused.raw or b""
            headers = {**refused.headers, "Content-Length": str(len(body)), "Connection": "close"}
            head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            self.transport.write(b"HTTP/1.1 400 Bad Request\r\n" + head.encode("latin-1") + b"\r\n" + body)
            self.transport.close()

    PROTOCOL = Protocol
