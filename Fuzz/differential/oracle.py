"""OPA as a process of its own, so that what ends it (a panic, a stack overflow) or takes too long ends nothing else.

Run as a program it is that process: it answers one line of JSON for each line that it reads.
"""

import ctypes
import json
import os
import re
import select
import subprocess
import sys


class Ended(Exception):
    """OPA ended, or did not answer in time, while it had a question; the text is what it said at its end."""


class Oracle:
    """OPA by way of a process that is started again when it has ended."""

    def __init__(self, path, seconds=60):
        self.path, self.seconds, self.process = path, seconds, None

    def start(self):
        self.errors = os.memfd_create("oracle")
        self.process = subprocess.Popen(
            [sys.executable, os.path.abspath(__file__), self.path],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors)

    def stop(self):
        """What the process said before its end, as one line."""
        process, self.process = self.process, None
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()
        text = os.pread(self.errors, 100_000, 0).decode("utf-8", "replace")
        os.close(self.errors)
        return next((line for line in text.split("\n") if re.match(r"panic|fatal error|runtime:", line)), text[:200])

    def ask(self, policy, modules, query):
        """("answers", list of bindings as text) or ("error", code, message)."""
        if self.process is None:
            self.start()
        question = json.dumps([modules, policy.data, policy.input, query]).encode() + b"\n"
        try:
            self.process.stdin.write(question)
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Ended(self.stop()) from None
        if not select.select([self.process.stdout], [], [], self.seconds)[0]:
            self.stop()
            raise Ended("no answer in %d s" % self.seconds)
        line = self.process.stdout.readline()
        if not line.endswith(b"\n"):
            raise Ended(self.stop())
        answer = json.loads(line)
        if answer[:2] == ["error", "panic"]:
            raise Ended("panic: " + answer[2])
        return ("answers", decoded(answer[1])) if answer[0] == "answers" else tuple(answer)


class Number(str):
    """A number as spelled."""


def decoded(text):
    return [item["bindings"] for item in json.loads(text, parse_float=Number, parse_int=Number)["result"] or []]


def code_of(error):
    found = re.search(r"(rego_\w+_error|eval_\w+_error)", error["message"])
    return [found.group(1) if found else error["code"], error["message"]]


class Library:
    def __init__(self, path):
        lib = ctypes.CDLL(path)
        lib.OpaNew.restype = ctypes.c_uint64
        lib.OpaDestroy.argtypes = [ctypes.c_uint64]
        lib.OpaFreeString.argtypes = [ctypes.c_void_p]
        for name, operands in (("OpaAddPolicy", 2), ("OpaAddData", 2)):
            function = getattr(lib, name)
            function.restype = ctypes.c_void_p
            function.argtypes = [ctypes.c_uint64] + [ctypes.c_char_p] * operands
        lib.OpaEvalQuery.restype = ctypes.c_void_p
        lib.OpaEvalQuery.argtypes = [ctypes.c_uint64, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_int]
        self.lib = lib

    def text(self, pointer):
        try:
            return ctypes.string_at(pointer).decode("utf-8", "replace")
        finally:
            self.lib.OpaFreeString(pointer)

    def ask(self, modules, data, input, query):
        engine = self.lib.OpaNew()
        try:
            for index, module in enumerate(modules):
                answer = json.loads(self.text(self.lib.OpaAddPolicy(engine, b"test-%d.rego" % index, module.encode())))
                if "error" in answer:
                    return ["error"] + code_of(answer["error"])
            self.text(self.lib.OpaAddData(engine, b"", json.dumps(data).encode()))
            text = self.text(self.lib.OpaEvalQuery(engine, query.encode(), json.dumps(input).encode(), 0, 0))
            answer = json.loads(text)
            return ["error"] + code_of(answer["error"]) if "error" in answer else ["answers", text]
        finally:
            self.lib.OpaDestroy(engine)


def main():
    library = Library(sys.argv[1])
    for line in sys.stdin.buffer:
        sys.stdout.write(json.dumps(library.ask(*json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
