"""A proxy before an HTTP server that fails on demand."""

import http.client
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

#: Given method and path, names the fault of this request: "reset" in mid-body, "lost" for an
#: answer that never comes back, an HTTP status, or None.
Decide = Callable[[str, str], "str | int | None"]
HOP = {"connection", "transfer-encoding", "keep-alive"}


class FaultProxy:
    """Passes requests on, but for those that `decide` names; counts them in `seen`.

    While `is_silent`, what a watch would say is held back, and no connection is closed.
    """

    def __init__(self, target: str) -> None:
        self.target = urlsplit(target)
        self.decide: Decide = lambda method, path: None
        self.seen: list[tuple[str, str]] = []
        self.headers: list[object] = []
        self.is_silent = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "FaultProxy":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def connect(self) -> http.client.HTTPConnection:
        """Open a connection to the server behind."""
        host, port = self.target.hostname or "", self.target.port
        if self.target.scheme == "https":
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            return http.client.HTTPSConnection(host, port, context=context)
        return http.client.HTTPConnection(host, port)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def handle_any(self) -> None:
                proxy.seen.append((self.command, self.path))
                proxy.headers.append(self.headers)
                fault = proxy.decide(self.command, self.path)
                length = int(self.headers.get("Content-Length") or 0)
                if fault == "reset":
                    self.rfile.read(length // 2)
                    self.reset()
                    return
                body = self.rfile.read(length)
                if isinstance(fault, int):
                    self.answer(fault, {}, b"<Error><Code>SlowDown</Code></Error>")
                    return
                there = proxy.connect()
                there.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in self.headers.items():
                    there.putheader(name, value)
                there.endheaders(body or None)
                found = there.getresponse()
                if fault == "lost":
                    found.read()
                    self.reset()
                    return
                if "watch=true" in self.path and found.status == 200:
                    self.stream(found)
                    return
                headers = {k: v for k, v in found.getheaders() if k.lower() not in HOP}
                self.answer(found.status, headers, found.read())
                there.close()

            def reset(self) -> None:
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()
                self.close_connection = True

            def stream(self, found: http.client.HTTPResponse) -> None:
                self.send_response_only(200)
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                while data := found.read1(1 << 16):
                    while proxy.is_silent:
                        time.sleep(0.05)
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
                self.wfile.write(b"0\r\n\r\n")

            def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
                self.send_response_only(status)
                if self.command != "HEAD":
                    headers["Content-Length"] = str(len(body))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = do_PATCH = handle_any  # noqa: N815

        return Handler
