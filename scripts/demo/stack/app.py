"""Counts visits in PostgreSQL and shows them. Python's own library alone: the image stays plain."""

import base64
import hashlib
import hmac
import html
import http.server
import json
import os
import secrets
import signal
import socket
import struct
import sys
import threading

HOST = os.environ.get("PGHOST", "db")
PASSWORD_FILE = "/run/secrets/db_password"
GREETING = os.environ.get("GREETING", "Hello")
PORT = 8080


class DatabaseError(Exception):
    pass


class Database:
    """One connection that speaks just enough of PostgreSQL's protocol 3.0, with SCRAM-SHA-256."""

    def __init__(self, host, user, password, database):
        self.socket = socket.create_connection((host, 5432), timeout=3)
        self.socket.settimeout(5)
        body = b"".join(
            part.encode() + b"\0" for part in ("user", user, "database", database, "")
        )
        self.socket.sendall(struct.pack("!ii", len(body) + 8, 196608) + body)
        self._log_in(password)

    def close(self):
        self.socket.close()

    def query(self, text):
        """The first column of the first row, as text."""
        self._send(b"Q", text.encode() + b"\0")
        value = None
        failure = None
        while True:
            kind, body = self._receive()
            if kind == b"D" and value is None:
                (size,) = struct.unpack("!i", body[2:6])
                value = None if size < 0 else body[6 : 6 + size].decode()
            elif kind == b"E":
                failure = body
            elif kind == b"Z":
                if failure is not None:
                    raise DatabaseError(error_text(failure))
                return value

    def _send(self, kind, body):
        self.socket.sendall(kind + struct.pack("!i", len(body) + 4) + body)

    def _exactly(self, size):
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise DatabaseError("the database closed the connection")
            data += more
        return data

    def _receive(self):
        head = self._exactly(5)
        (size,) = struct.unpack("!i", head[1:])
        return head[:1], self._exactly(size - 4)

    def _log_in(self, password):
        nonce = secrets.token_urlsafe(18)
        first = f"n=,r={nonce}"
        server_first = ""
        while True:
            kind, body = self._receive()
            if kind == b"E":
                raise DatabaseError(error_text(body))
            if kind == b"Z":
                return
            if kind != b"R":
                continue
            (method,) = struct.unpack("!i", body[:4])
            if method == 10:
                message = ("n,," + first).encode()
                self._send(b"p", b"SCRAM-SHA-256\0" + struct.pack("!i", len(message)) + message)
            elif method == 11:
                server_first = body[4:].decode()
                self._send(b"p", scram_proof(password, nonce, first, server_first).encode())
            elif method not in (0, 12):
                raise DatabaseError(f"the database asks for an unknown login ({method})")


def scram_proof(password, nonce, client_first, server_first):
    fields = dict(part.split("=", 1) for part in server_first.split(","))
    if not fields["r"].startswith(nonce):
        raise DatabaseError("the database answered someone else's login")
    salt = base64.b64decode(fields["s"])
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, int(fields["i"]))
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    last = f"c=biws,r={fields['r']}"
    signed = f"{client_first},{server_first},{last}".encode()
    signature = hmac.digest(hashlib.sha256(client_key).digest(), signed, "sha256")
    proof = bytes(a ^ b for a, b in zip(client_key, signature))
    return f"{last},p={base64.b64encode(proof).decode()}"


def error_text(body):
    fields = {part[:1]: part[1:].decode(errors="replace") for part in body.split(b"\0") if part}
    return fields.get(b"M", "the database reports an error")


def count_visit():
    with open(PASSWORD_FILE, encoding="utf-8") as file:
        password = file.read().rstrip("\n")
    database = Database(HOST, "postgres", password, "visits")
    try:
        database.query(
            "CREATE TABLE IF NOT EXISTS visit (id bigserial PRIMARY KEY, at timestamptz DEFAULT now())"
        )
        database.query("INSERT INTO visit DEFAULT VALUES")
        return int(database.query("SELECT count(*) FROM visit"))
    finally:
        database.close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self):
        if self.path == "/healthz":
            return self.answer(200, "text/plain; charset=utf-8", "ok\n")
        if self.path not in ("/", "/visits.json"):
            return self.answer(404, "text/plain; charset=utf-8", "not here\n")
        try:
            visits = count_visit()
        except (OSError, DatabaseError, ValueError) as failure:
            return self.answer(503, "text/plain; charset=utf-8", f"no database: {failure}\n")
        if self.path == "/visits.json":
            return self.answer(200, "application/json", json.dumps({"visits": visits}) + "\n")
        return self.answer(200, "text/html; charset=utf-8", page(visits))

    def answer(self, status, kind, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, form, *values):
        if self.path != "/healthz":
            print(form % values, flush=True)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        # Who asks may go away in the middle; that is no fault of ours.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def page(visits):
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{html.escape(GREETING)}</title>
<style>body {{ font: 1.2rem/1.5 system-ui; margin: 4rem auto; max-width: 30rem; padding: 0 1rem }}</style>
<h1>{html.escape(GREETING)}</h1>
<p>Visits counted in PostgreSQL: <strong>{visits}</strong></p>
<p>Answered by container {html.escape(socket.gethostname())}.</p>
</html>
"""


def main():
    server = Server(("", PORT), Handler)

    def stop(_signal, _frame):
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(f"listening on {PORT}", flush=True)
    server.serve_forever(poll_interval=0.1)


if __name__ == "__main__":
    main()
