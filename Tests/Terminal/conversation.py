#!/usr/bin/env python3
"""Talks with `writ` on a real terminal: the shell, watched files, progress, and completion in bash.

Every step waits for what it expects; nothing sleeps. Usage: conversation.py PATH-OF-WRIT [NAME ...]
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request

import pexpect

WRIT = os.path.abspath(sys.argv[1])
# A job that a script runs in the background ignores Ctrl-C, and its programs would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
TIMEOUT = 60
UP, DOWN, LEFT, TAB, ESC = "\x1b[A", "\x1b[B", "\x1b[D", "\t", "\x1b"


def environment(folder, **more):
    """What the programs see: no flags of whoever runs this, and a home of their own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WRIT_", "OPA_"))}
    kept.pop("NO_COLOR", None)
    return {**kept, "HOME": folder, "TERM": "xterm", "LC_ALL": "C.UTF-8", **more}


def start(folder, *arguments, command=WRIT, columns=100, echo=False, **more):
    return pexpect.spawn(
        command, list(arguments), cwd=folder, env=environment(folder, **more), timeout=TIMEOUT,
        dimensions=(30, columns), encoding="utf-8", echo=echo)


def write(folder, name, text):
    """Writes a file as editors do: a new one, renamed."""
    with open(os.path.join(folder, name + ".new"), "w") as file:
        file.write(text)
    os.replace(os.path.join(folder, name + ".new"), os.path.join(folder, name))


class Shell:
    """`writ run` and its prompt."""

    def __init__(self, folder, *arguments, **more):
        self.child = start(folder, "run", *arguments, **more)
        self.child.expect_exact("Run 'help'")
        self.ready()

    def ready(self, prompt="> "):
        # The line is drawn with its prompt: the last thing on the screen while nobody types.
        self.child.expect_exact("\x1b[J" + prompt + "\r")
        self.child.expect_exact("\x1b[%dC" % len(prompt))

    def type(self, keys):
        self.child.send(keys)

    def line(self, text, *answers, prompt="> "):
        self.type(text + "\r")
        for answer in answers:
            self.child.expect_exact(answer)
        self.ready(prompt)

    def leave(self):
        self.type("\x04")
        self.child.expect_exact("Do you want to exit ([y]/n)? ")
        self.type("\r")
        self.child.expect(pexpect.EOF)
        self.child.close()
        assert self.child.exitstatus == 0, self.child.exitstatus


def shell_answers(folder):
    shell = Shell(folder)
    shell.line("1 + 41", "42\r\n")
    shell.line("x := {\"é\": \"漢字\"}", "Rule 'x' defined in package repl.")
    shell.line("x[k]", "| \"é\" | \"漢字\"")
    shell.line("help", "Commands", "unset-package <path>")
    shell.line("nope > 1", "rego_unsafe_var_error", "^^^^")
    shell.line("print(\"to stderr\")", "to stderr", "true")
    shell.leave()


def shell_continues_lines(folder):
    shell = Shell(folder)
    shell.line("allow if {", prompt="| ")
    shell.line("  1 == 1", prompt="| ")
    shell.line("}", prompt="| ")
    shell.line("", "Rule 'allow' defined")
    shell.line("allow", "true\r\n")
    shell.line("2 *", prompt="| ")
    shell.type("\x03")  # ctrl+c: away with it
    shell.ready()
    # What is pasted comes line by line, its tabs as they are.
    shell.type(ESC + "[200~deny if {\n\t1 == 2\n}\n" + ESC + "[201~")
    for _ in range(3):
        shell.ready("| ")
    shell.line("", "Rule 'deny' defined")
    shell.leave()


def shell_edits(folder):
    shell = Shell(folder, columns=40)
    shell.line("11" + LEFT + "0", "101\r\n")
    shell.line("bad\x15\"abc\"\x01\x0b\x19", "\"abc\"\r\n")
    # A line longer than the terminal is wide, with characters of two columns.
    shell.line("count(\"" + "漢" * 40 + "\")", "40\r\n")
    shell.line("5\x7f7", "7\r\n")
    shell.leave()


def shell_remembers(folder):
    shell = Shell(folder)
    shell.line("100 + 1", "101\r\n")
    shell.line("200 + 2", "202\r\n")
    shell.line(UP + UP, "101\r\n")
    shell.line("300" + UP + DOWN + " + 3", "303\r\n")
    shell.type("\x12" + "200")
    shell.child.expect_exact("(reverse-i-search)`200': 200 + 2")
    shell.type("\r")
    shell.child.expect_exact("202\r\n")
    shell.ready()
    shell.leave()
    path = os.path.join(folder, ".writ_history")
    assert os.stat(path).st_mode & 0o777 == 0o600
    again = Shell(folder)
    again.line(UP, "202\r\n")
    again.leave()
    other = Shell(folder, "-H", os.path.join(folder, "other"))
    other.line("7", "7\r\n")
    other.leave()
    assert open(os.path.join(folder, "other")).read() == "7\n"


def shell_completes(folder):
    write(folder, "p.rego", "package fleet.access\n\nallow := true\n\nalso := 1\n")
    write(folder, "d.json", "{\"devices\": {\"gw\": 7}}")
    shell = Shell(folder, "p.rego", "d.json")
    shell.type("data.fl" + TAB)
    shell.child.expect_exact("> data.fleet.access.al\r")
    shell.type(TAB + TAB)
    shell.child.expect_exact("data.fleet.access.allow")
    shell.child.expect_exact("data.fleet.access.also")
    shell.line("l" + TAB, "true\r\n")
    shell.line("data.devices.g" + TAB, "7\r\n")
    shell.line("unset-p" + TAB + " x", "warning: no matching package")
    shell.line("json.pat" + TAB + "({}, [])", "{}\r\n")
    shell.leave()


def shell_is_interrupted(folder):
    shell = Shell(folder)
    shell.type("count([1 | some i in numbers.range(1, 100000); some j in numbers.range(1, 100000); i + j < 0])\r")
    shell.child.expect_exact("\x1b[?2004l")
    # The interrupt may come before the evaluation begins: it is said until it is heard.
    while True:
        shell.child.sendintr()
        if shell.child.expect_exact(["eval_cancel_error", pexpect.TIMEOUT], timeout=1) == 0:
            break
    shell.ready()
    shell.line("1", "1\r\n")
    shell.type("\x04")
    shell.child.expect_exact("Do you want to exit")
    shell.line("n")
    shell.type("exit\r")
    shell.child.expect(pexpect.EOF)


def shell_reloads(folder):
    write(folder, "p.rego", "package p\n\nx := 1\n")
    shell = Shell(folder, "-w", "p.rego")
    shell.line("data.p.x", "1\r\n")
    shell.type("data.p")
    shell.child.expect_exact("\x1b[8C")
    write(folder, "p.rego", "package p\n\nx := 2\n")
    shell.child.expect_exact("# reloaded files")
    # What was being typed is still there.
    shell.child.expect_exact("> data.p\r")
    shell.line(".x", "2\r\n")
    write(folder, "p.rego", "package p\n\nx := \n")
    shell.child.expect_exact("# reload error")
    shell.ready()
    shell.line("data.p.x", "2\r\n")
    shell.leave()


def shell_is_a_script(folder):
    run = subprocess.run(
        [WRIT, "run"], input="x := 2\nx * 21\n", capture_output=True, text=True, cwd=folder, env=environment(folder))
    assert run.returncode == 0 and run.stderr == "", run
    assert run.stdout == "Rule 'x' defined in package repl. Type 'show' to see rules.\n42\n", run.stdout
    assert not os.path.exists(os.path.join(folder, ".writ_history"))
    # Where there is a terminal that can do nothing, lines are plain.
    child = start(folder, "run", TERM="dumb")
    child.expect_exact("> ")
    child.sendline("6 * 7")
    child.expect_exact("42\r\n> ")
    child.sendeof()
    child.expect(pexpect.EOF)


def tests_are_watched(folder):
    write(folder, "p_test.rego", "package p\n\ntest_a if 1 == 1\n")
    child = start(folder, "test", "-w", ".", NO_COLOR="1")
    child.expect_exact("PASS: 1/1")
    child.expect_exact("Watching for changes ...")
    write(folder, "p_test.rego", "package p\n\ntest_a if 1 == 2\n")
    child.expect_exact("FAIL: 1/1")
    child.expect_exact("Watching for changes ...")
    write(folder, "p_test.rego", "package p\n\ntest_a if {\n")
    child.expect_exact("rego_parse_error")
    child.expect_exact("Watching for changes ...")
    write(folder, "p_test.rego", "package p\n\ntest_a if 1 == 1\n\ntest_b if true\n")
    child.expect_exact("PASS: 2/2")
    child.sendintr()
    child.expect(pexpect.EOF)


def server_is_watched(folder):
    write(folder, "p.rego", "package p\n\nx := 1\n")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    child = start(folder, "run", "-s", "-w", "--addr", "127.0.0.1:%d" % port, "p.rego")

    def ask():
        with urllib.request.urlopen("http://127.0.0.1:%d/v1/data/p/x" % port, timeout=TIMEOUT) as answer:
            return json.load(answer)["result"]

    try:
        child.expect_exact("Initializing server")
        assert ask() == 1
        write(folder, "p.rego", "package p\n\nx := 2\n")
        child.expect_exact("Processed file watch event")
        assert ask() == 2
        write(folder, "p.rego", "package p\n\nx := \n")
        child.expect_exact("Failed to reload files")
        assert ask() == 2
    finally:
        child.kill(15)
        child.expect(pexpect.EOF)


def progress_and_colour(folder):
    rules = "".join("test_%d if count([1 | numbers.range(1, 20000)[_] > 0]) == 20000\n\n" % i for i in range(400))
    write(folder, "p_test.rego", "package p\n\n" + rules + "test_bad if 1 == 2\n")
    child = start(folder, "test", ".")
    child.expect(r"\rtests \d+/401")
    child.expect_exact("\r\x1b[K")
    child.expect(pexpect.EOF)
    plain = subprocess.run([WRIT, "test", "."], capture_output=True, text=True, cwd=folder, env=environment(folder))
    assert "\r" not in plain.stderr + plain.stdout and "\x1b" not in plain.stderr + plain.stdout
    assert "FAIL: 1/401" in plain.stdout and plain.returncode == 1, plain.stdout[-200:]
    write(folder, "p_test.rego", "package p\n\ntest_bad if 1 == 2\n")
    for more, colours in [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)]:
        child = start(folder, "test", ".", **more)
        child.expect(pexpect.EOF)
        assert ("\x1b[3" in child.before) == colours, (more, child.before)


def formatting_shows_progress(folder):
    for number in range(120):
        write(folder, "p%d.rego" % number, "package p\n\nx:=1\n")
    child = start(folder, "fmt", "-w", ".")
    child.expect(r"\rfiles \d+/120")
    child.expect_exact("\r\x1b[K")
    child.expect(pexpect.EOF)
    assert open(os.path.join(folder, "p7.rego")).read() == "package p\n\nx := 1\n"
    piped = subprocess.run([WRIT, "fmt", "-l", "."], capture_output=True, text=True, cwd=folder, env=environment(folder))
    assert (piped.stdout, piped.stderr) == ("", "")


def bash_completes(folder):
    write(folder, "policy.rego", "package p\n")
    os.symlink(WRIT, os.path.join(folder, "writ"))
    path = folder + ":" + os.environ["PATH"]
    child = start(
        folder, "--norc", "--noprofile", "-i", command="bash", echo=True, PATH=path, PS1="ready$ ", INPUTRC="/dev/null")
    child.expect_exact("ready$ ")
    child.sendline("bind 'set enable-bracketed-paste off'; source <(writ completion bash); echo sour\"\"ced")
    child.expect_exact("sourced\r\n")
    child.expect_exact("ready$ ")
    child.send("writ ev" + TAB)
    child.expect_exact("writ eval ")
    child.send("--form" + TAB)
    child.expect_exact("--format ")
    child.send("raw --da" + TAB + "pol" + TAB)
    child.expect_exact("policy.rego ")
    child.send("'1 + 1'\r")
    child.expect_exact("2\r\n")
    child.expect_exact("ready$ ")
    child.send("writ run --ser" + TAB)
    child.expect_exact("--server ")
    child.send("\x03")
    child.expect_exact("ready$ ")
    child.sendline("exit")
    child.expect(pexpect.EOF)


CONVERSATIONS = [
    shell_answers, shell_continues_lines, shell_edits, shell_remembers, shell_completes, shell_is_interrupted,
    shell_reloads, shell_is_a_script, tests_are_watched, server_is_watched, progress_and_colour, formatting_shows_progress,
    bash_completes,
]


def main():
    failed = 0
    chosen = [c for c in CONVERSATIONS if not sys.argv[2:] or c.__name__ in sys.argv[2:]]
    for conversation in chosen:
        folder = os.path.realpath(tempfile.mkdtemp(prefix="writ-terminal-"))
        try:
            conversation(folder)
            print("ok   " + conversation.__name__, flush=True)
        except (AssertionError, pexpect.ExceptionPexpect) as error:
            failed += 1
            print("FAIL %s: %s" % (conversation.__name__, str(error)[-3000:]), flush=True)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    print("%d passed, %d failed" % (len(chosen) - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
