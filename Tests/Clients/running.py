"""A server for one script: on a free port of the loopback address, stopped by its own process at the end."""

import contextlib
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import venv
from pathlib import Path

START_SECONDS = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(answers, process, what):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            sys.exit(f"{what} ended with status {process.returncode} before it answered")
        try:
            answers()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit(f"{what} did not answer within {START_SECONDS} s")


@contextlib.contextmanager
def server(binary, *arguments, port=None, log=subprocess.DEVNULL):
    """Runs `writ run --server`; gives its port."""
    port = port or free_port()
    process = subprocess.Popen(
        [binary, "run", "--server", "--addr", f"127.0.0.1:{port}", "--log-level", "error", *map(str, arguments)],
        stdout=log, stderr=log, stdin=subprocess.DEVNULL,
    )
    try:
        health = f"http://127.0.0.1:{port}/health"
        wait_until(lambda: urllib.request.urlopen(health, timeout=1).close(), process, "the server")
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def installed(folder, *packages):
    """A Python with packages of PyPI in a folder of its own; nil with the reason where that cannot be had."""
    folder = Path(folder)
    python = folder / "bin" / "python"
    done = folder / "done"
    if done.exists() and done.read_text() == " ".join(packages):
        return str(python)
    try:
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages],
            check=True, capture_output=True, text=True, timeout=600,
        )
    except (subprocess.SubprocessError, OSError) as error:
        reason = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
        print(f"skipped: {' '.join(packages)} cannot be installed: {reason[-1] if reason else error}")
        return None
    done.write_text(" ".join(packages))
    return str(python)
