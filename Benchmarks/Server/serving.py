"""What the benchmarks of the server share: a small policy, nginx that answers a fixed body, and writ beside it."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "Tests" / "Clients"))
import running  # noqa: E402

POLICY = """package bench

default allow := false

allow if {
	some role in data.users[input.user]
	some grant in data.roles[role]
	grant.action == input.action
	grant.type == input.type
}
"""
DATA = {"users": {"alice": ["admin"], "bob": ["reader", "writer"]},
        "roles": {"admin": [{"action": "delete", "type": "car"}],
                  "reader": [{"action": "read", "type": "car"}, {"action": "read", "type": "bike"}],
                  "writer": [{"action": "write", "type": "car"}]}}
INPUT = {"user": "bob", "action": "write", "type": "car"}
NGINX = """daemon off; worker_processes 1; pid {0}/pid; error_log {0}/error.log;
events {{ worker_connections 512; }}
http {{ access_log off; keepalive_requests 1000000000;
  client_body_temp_path {0}/b; proxy_temp_path {0}/p; fastcgi_temp_path {0}/f; uwsgi_temp_path {0}/u; scgi_temp_path {0}/s;
  server {{ listen 127.0.0.1:{1};
    location / {{ default_type application/json; return 200 '{{"result":true}}\\n'; }} }} }}
"""


def find_nginx():
    return shutil.which("nginx", path="/usr/sbin:/usr/bin")


def missing(*names):
    """Says which of the programs that a benchmark needs is not there."""
    for name in names:
        if not (find_nginx() if name == "nginx" else shutil.which(name)):
            print(f"skipped: no {name}")
            return True
    return False


def family(pid):
    """A process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid] + [each for child in children for each in family(int(child))]


def cpu(pid):
    """Seconds of CPU that a process and its children took so far."""
    ticks = 0
    for each in family(pid):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory(pid):
    """Resident memory now and at most, in KiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return tuple(int(re.search(rf"{name}:\s+(\d+) kB", status)[1]) for name in ("VmRSS", "VmHWM"))


@contextlib.contextmanager
def folder():
    with tempfile.TemporaryDirectory(prefix="writ-serving-") as path:
        yield Path(path)


def write_workload(folder):
    """The files of the small policy, and the body of a request."""
    (folder / "policy.rego").write_text(POLICY)
    (folder / "data.json").write_text(json.dumps(DATA))
    return [folder / "policy.rego", folder / "data.json"], json.dumps({"input": INPUT})


@contextlib.contextmanager
def process(arguments, url, name, **options):
    """Runs a server until it answers; gives the process."""
    server = subprocess.Popen([str(argument) for argument in arguments], **options)
    try:
        running.wait_until(lambda: urllib.request.urlopen(url, timeout=1).close(), server, name)
        yield server
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=60)


@contextlib.contextmanager
def nginx(folder):
    """nginx with one worker that answers a fixed body; gives its process and port."""
    port = running.free_port()
    (folder / "nginx.conf").write_text(NGINX.format(folder, port))
    arguments = [find_nginx(), "-p", folder, "-c", folder / "nginx.conf"]
    with process(arguments, f"http://127.0.0.1:{port}/", "nginx", stderr=subprocess.DEVNULL) as server:
        yield server, port


@contextlib.contextmanager
def writ(binary, *arguments):
    """A server of writ's; gives its process and port."""
    port = running.free_port()
    arguments = [binary, "run", "--server", "--log-level", "error", "--addr", f"127.0.0.1:{port}", *arguments]
    with process(arguments, f"http://127.0.0.1:{port}/health", "writ", stdout=subprocess.DEVNULL) as server:
        yield server, port


def document(megabytes, number):
    """Devices of a fleet as JSON text of about this size."""
    device = {"model": "s7", "site": "plant-1", "tags": ["a", "b", "c"], "limits": {"low": 1.5, "high": 80},
              "on": True, "note": "x" * 40, "number": number}
    one = len(json.dumps(device)) + 14
    return "{" + ",".join(
        f'"device-{index}": {json.dumps(device)}' for index in range(megabytes * 1_000_000 // one)) + "}"


def post(port, path, body):
    request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/data/{path}", data=body.encode())
    with urllib.request.urlopen(request) as answer:
        return answer.read().decode().strip()
