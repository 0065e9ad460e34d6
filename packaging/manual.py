"""Manual pages from the help of the commands, so that they say what the commands say."""

import re

from common import SUMMARY, output


def escaped(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", text)


def sections(text):
    """The parts of a help text by their headings: {"OVERVIEW": [lines], ...}."""
    found, name = {}, None
    for line in text.splitlines():
        heading = re.match(r"(OVERVIEW|USAGE|ARGUMENTS|OPTIONS|SUBCOMMANDS|EXAMPLE):(.*)$", line)
        if heading:
            name = heading.group(1)
            found[name] = [heading.group(2).strip()] if heading.group(2).strip() else []
        elif name:
            found[name].append(line)
    return found


def entries(lines):
    """(term, text) of lines such as `  --flag <x>   What it does`, which go on indented."""
    for line in lines:
        term = re.match(r"  (\S.*?)(?:\s{2,}(.*))?$", line)
        if term and not line.startswith("   "):
            yield [term.group(1), term.group(2) or ""]
        elif line.strip():
            yield [None, line.strip()]


def listed(lines):
    collected = []
    for term, text in entries(lines):
        if term is None and collected:
            collected[-1][1] = (collected[-1][1] + " " + text).strip()
        elif term is not None:
            collected.append([term, text])
    return [f".TP\n.B {escaped(term)}\n{escaped(text)}" for term, text in collected]


def paragraphs(lines):
    return [escaped(line) if line.strip() else ".PP" for line in lines]


def page(name, text, date, version, more):
    parts = sections(text)
    overview = parts["OVERVIEW"]
    about = overview[0].rstrip(".") if name != "writ" else SUMMARY
    out = [
        f'.TH {name.upper().replace("-", chr(92) + "-")} 1 "{date}" "writ {version}" "Writ"',
        ".SH NAME", f"{escaped(name)} \\- {escaped(about)}",
        ".SH SYNOPSIS", *paragraphs(parts["USAGE"]),
        ".SH DESCRIPTION", *paragraphs(overview),
    ]
    for heading, title in (("ARGUMENTS", "ARGUMENTS"), ("SUBCOMMANDS", "COMMANDS"), ("OPTIONS", "OPTIONS")):
        if parts.get(heading):
            lines = [line for line in parts[heading] if "for detailed help" not in line]
            out += [f".SH {title}", *listed(lines)]
    if parts.get("EXAMPLE"):
        out += [".SH EXAMPLE", ".nf", *[escaped(line.strip()) for line in parts["EXAMPLE"] if line.strip()], ".fi"]
    out += [".SH SEE ALSO", escaped(", ".join(more))]
    return ("\n".join(line for line in out) + "\n").encode()


def pages(writ, version, date):
    """{file name: text} of writ(1) and a page for each command."""
    top = output(writ, "--help")
    names = [term for term, _ in entries(sections(top)["SUBCOMMANDS"]) if term and re.fullmatch(r"[a-z-]+", term)]
    found = {"writ.1": page("writ", top, date, version, [f"writ-{name}(1)" for name in names])}
    for name in names:
        found[f"writ-{name}.1"] = page(f"writ-{name}", output(writ, name, "--help"), date, version, ["writ(1)"])
    return found
