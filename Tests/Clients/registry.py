"""Debian's docker-registry for one script: on a free port of the loopback address, stopped by its own process.

Plain, with a password file, or with a token server of its own (Docker's token specification).
"""

import base64
import contextlib
import http.server
import json
import shutil
import socketserver
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import running

USER, PASSWORD = "fleet", "open sesame"
# bcrypt of the password: `htpasswd -nbB`.
HASH = "$2b$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW"
BASIC = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
CONFIG = """version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {folder}/store}}, delete: {{enabled: true}}}}
http: {{addr: "127.0.0.1:{port}"}}
{auth}
"""


def executable():
    return shutil.which("docker-registry")


@contextlib.contextmanager
def registry(folder, auth=""):
    """Runs a registry that keeps its content in a folder; gives its port."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    port = running.free_port()
    (folder / "config.yml").write_text(CONFIG.format(folder=folder, port=port, auth=auth))
    with open(folder / "log", "ab") as log:
        process = subprocess.Popen(
            [executable(), "serve", str(folder / "config.yml")], stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def answers():
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/v2/", timeout=1).close()
        except urllib.error.HTTPError as error:
            error.close()

    try:
        running.wait_until(answers, process, "docker-registry")
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def with_passwords(folder):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "htpasswd").write_text(f"{USER}:{HASH}\n")
    return registry(folder, f"auth: {{htpasswd: {{realm: test, path: {folder}/htpasswd}}}}")


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@contextlib.contextmanager
def with_tokens(folder):
    """A registry that sends its clients to a token server; gives its port and the scopes that were asked for."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    key, certificate = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
         "-subj", "/CN=test"], check=True, capture_output=True)
    lines = certificate.read_text().split("-----")[2].split()
    head = encoded(json.dumps({"typ": "JWT", "alg": "RS256", "x5c": ["".join(lines)]}).encode())
    scopes = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
            if self.headers.get("Authorization") != BASIC:
                self.send_error(401)
                return
            scope = query["scope"][0]
            scopes.append(scope)
            kind, name, actions = scope.split(":")
            now = int(time.time())
            claims = {
                "iss": "test", "sub": USER, "aud": query["service"][0], "exp": now + 300, "nbf": now - 10, "iat": now,
                "jti": str(len(scopes)), "access": [{"type": kind, "name": name, "actions": actions.split(",")}],
            }
            text = f"{head}.{encoded(json.dumps(claims).encode())}"
            signature = subprocess.run(
                ["openssl", "dgst", "-sha256", "-sign", key], input=text.encode(), check=True, capture_output=True).stdout
            body = json.dumps({"token": f"{text}.{encoded(signature)}", "expires_in": 300}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    realm = f"http://127.0.0.1:{server.server_address[1]}/token"
    auth = (f"auth: {{token: {{realm: \"{realm}\", service: test-registry, issuer: test, "
            f"rootcertbundle: {certificate}}}}}")
    try:
        with registry(folder, auth) as port:
            yield port, scopes
    finally:
        server.shutdown()
        server.server_close()


class BadLink:
    """Passes connections on to a port, and ends each after some bytes of what comes back."""

    def __init__(self, target, count):
        self.connections = 0
        link = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                link.connections += 1
                left = count
                with contextlib.suppress(OSError), contextlib.closing(running.socket.create_connection(
                        ("127.0.0.1", target))) as behind:
                    threading.Thread(target=self.forward, args=(behind,), daemon=True).start()
                    while left > 0 and (data := behind.recv(min(left, 65536))):
                        self.request.sendall(data)
                        left -= len(data)

            def forward(self, behind):
                with contextlib.suppress(OSError):
                    while data := self.request.recv(65536):
                        behind.sendall(data)

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
