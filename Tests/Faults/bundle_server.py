"""A file server for bundles that does what a mode file says: well, slowly, or lying.

Usage: bundle_server.py PORT FOLDER. FOLDER has `mode` (one word), `good.tar.gz` and what the modes want beside it.
Each request is noted in FOLDER/requests, one line each.
"""

import hashlib
import http.server
import pathlib
import sys
import time


# After so many bytes the mode `cuts` ends each connection.
CUT_BYTES = 150_000


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    folder = pathlib.Path(".")

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", etag=None, length=None):
        self.send_response(status)
        if etag:
            self.send_header("ETag", etag)
        if status != 304:
            self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)
        if length is not None and length != len(body):
            self.close_connection = True

    def cut_each(self, count, content, tag, lies=False):
        """Serves ranges, and ends each connection after some bytes; or sends other bytes than those of the range."""
        if self.headers.get("If-None-Match") == tag:
            return self.answer(304, etag=tag)
        start = 0
        asked = self.headers.get("Range", "")
        if asked and self.headers.get("If-Range", tag) == tag:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
        rest = content[start:]
        with open(self.folder / "ranges", "a") as notes:
            notes.write(f"{start}\n")
        self.send_response(206 if start else 200)
        self.send_header("ETag", tag)
        self.send_header("Content-Length", str(len(rest)))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        self.wfile.write(bytes(byte ^ 0x55 for byte in rest) if start and lies else rest[:count])
        self.close_connection = True
        return None

    def do_GET(self):
        mode = (self.folder / "mode").read_text().strip()
        known = self.headers.get("If-None-Match", "")
        with open(self.folder / "requests", "a") as notes:
            notes.write(f"{mode} {known or '-'}\n")
        good = (self.folder / "good.tar.gz").read_bytes()
        tag = '"%s"' % hashlib.sha256(good).hexdigest()[:16]
        if mode == "up":
            return self.answer(304, etag=tag) if known == tag else self.answer(200, good, tag)
        if mode == "cuts":
            return self.cut_each(CUT_BYTES, good, tag)
        if mode == "wrong-range":
            return self.cut_each(len(good) // 2 + 1, good, tag, lies=True)
        if mode == "slow-head":
            time.sleep(20)
            return self.answer(200, good, tag)
        if mode == "slow-body":
            self.send_response(200)
            self.send_header("Content-Length", str(len(good)))
            self.end_headers()
            for byte in good:
                self.wfile.write(bytes([byte]))
                time.sleep(0.01)
            return None
        if mode == "wrong-etag":
            # The same tag for whatever it holds, and the whole content each time.
            return self.answer(200, good, '"always"')
        if mode == "truncated":
            return self.answer(200, good[: len(good) // 2], '"t"')
        if mode == "cut":
            return self.answer(200, good[: len(good) // 2], '"c"', length=len(good))
        if mode in ("wrong-hash", "unsigned", "no-policy", "huge"):
            return self.answer(200, (self.folder / f"{mode}.tar.gz").read_bytes(), f'"{mode}"')
        if mode == "error":
            return self.answer(503, b"later")
        if mode == "html":
            return self.answer(200, b"<html>a portal that wants a login</html>")
        return self.answer(404)


def main():
    Handler.folder = pathlib.Path(sys.argv[2])
    http.server.ThreadingHTTPServer.daemon_threads = True
    http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()


if __name__ == "__main__":
    main()
