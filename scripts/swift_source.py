"""What the check scripts share: which Swift files there are, and their code without comments and string text."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Where this project keeps Swift; whichever of them exist.
PLACES = ["Sources", "Tests", "Benchmarks", "Fuzz", "Embedded", "Package.swift"]


def swift_files(*places):
    """Every Swift file under `places` (paths below ROOT), sorted, without build folders and hidden ones."""
    found = []
    for place in places or PLACES:
        path = ROOT / place
        if path.is_file():
            found.append(path)
        for folder, below, names in os.walk(path):
            below[:] = [name for name in below if not name.startswith(".")]
            found += [Path(folder) / name for name in names if name.endswith(".swift")]
    return sorted(found)


def relative(path):
    return path.relative_to(ROOT).as_posix()


def read(path):
    return path.read_text(encoding="utf-8")


def line_of(text, offset):
    """The 1-based line that holds `offset`."""
    return text.count("\n", 0, offset) + 1


def code_only(text):
    """`text` with every comment and the text of every string literal turned into spaces.

    Offsets and line numbers stay. Code inside an interpolation stays too, so that `"\\(value!)"` is still seen.
    """
    return _Stripper(text).run()


class _Stripper:
    """One pass over a file; it recurses only where an interpolation holds another literal."""

    def __init__(self, text):
        self.text = text
        self.out = list(text)
        self.at = 0

    def run(self):
        self._code(closing=None)
        return "".join(self.out)

    def _blank(self, start, end):
        for i in range(start, min(end, len(self.out))):
            if self.out[i] != "\n":
                self.out[i] = " "

    def _code(self, closing):
        """Code up to the end of the file, or up to the `)` that ends an interpolation."""
        depth = 0
        while self.at < len(self.text):
            here = self.text[self.at]
            if self.text.startswith("//", self.at):
                end = self.text.find("\n", self.at)
                end = len(self.text) if end < 0 else end
                self._blank(self.at, end)
                self.at = end
            elif self.text.startswith("/*", self.at):
                self._block_comment()
            elif here == '"' or here == "#" and self._hashes_before_quote():
                self._string()
            else:
                self.at += 1
                if closing and here == "(":
                    depth += 1
                elif closing and here == ")":
                    if depth == 0:
                        return
                    depth -= 1

    def _hashes_before_quote(self):
        end = self.at
        while self.text[end : end + 1] == "#":
            end += 1
        return self.text[end : end + 1] == '"'

    def _block_comment(self):
        start, depth = self.at, 0
        while self.at < len(self.text):
            if self.text.startswith("/*", self.at):
                depth += 1
                self.at += 2
            elif self.text.startswith("*/", self.at):
                depth -= 1
                self.at += 2
                if depth == 0:
                    break
            else:
                self.at += 1
        self._blank(start, self.at)

    def _string(self):
        hashes = 0
        while self.text[self.at] == "#":
            hashes += 1
            self.at += 1
        quote = '"""' if self.text.startswith('"""', self.at) else '"'
        self.at += len(quote)
        end, escape = quote + "#" * hashes, "\\" + "#" * hashes
        start = self.at
        while self.at < len(self.text):
            if self.text.startswith(end, self.at):
                self._blank(start, self.at)
                self.at += len(end)
                return
            if self.text.startswith(escape + "(", self.at):
                self._blank(start, self.at)
                self.at += len(escape) + 1
                self._code(closing=")")
                start = self.at
            elif self.text.startswith(escape, self.at):
                self.at += len(escape) + 1
            elif quote == '"' and self.text[self.at] == "\n":
                break  # not closed on its line: the compiler says so
            else:
                self.at += 1
        self._blank(start, self.at)
