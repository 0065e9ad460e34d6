"""What both packages are made of: the binary, its version and time, the libraries that it needs, licences."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SUMMARY = "decides by policy what machines may do"
DESCRIPTION = """Writ evaluates policies written in Rego and serves decisions over HTTP to
services, gateways, brokers and proxies. It speaks the language, the API, the
bundles and the command line of Open Policy Agent."""
YEAR = 2026  # of the copyright
STATE = "workspace-state.json"  # in a scratch folder: what SwiftPM checked out for its builds


class Refused(Exception):
    """What the caller has to mend, in words."""


def output(*command):
    return subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout


def git(*words):
    """What git says about this repository, whoever owns its files."""
    return output("git", "-c", f"safe.directory={ROOT}", "-C", ROOT, *words).strip()


def epoch():
    """The time of everything in the packages: SOURCE_DATE_EPOCH, else that of the last commit."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        return int(given if given else git("log", "-1", "--format=%ct"))
    except (OSError, ValueError, subprocess.CalledProcessError):
        raise Refused("the time of the packages is not known: set SOURCE_DATE_EPOCH (seconds since 1970)")


def architecture():
    return output("dpkg", "--print-architecture").strip()


def package_of(path):
    """The Debian package that owns a file; nothing where none does."""
    real = os.path.realpath(path)
    # Files are known by the names of their packages, which may be from before /lib became /usr/lib.
    for name in dict.fromkeys([str(path), real, real.removeprefix("/usr"), "/usr" + real]):
        try:
            owners = output("dpkg", "-S", name)
        except subprocess.CalledProcessError:
            continue
        return owners.splitlines()[0].rsplit(": ", 1)[0].split(",")[0].split(":")[0]
    return None


def field(package, name):
    return output("dpkg-query", "-W", "-f", "${%s}" % name, package)


class Binary:
    """An executable `writ`, stripped, and the shared libraries that it loads."""

    def __init__(self, path, work):
        self.source = Path(path).resolve()
        if not os.access(self.source, os.X_OK):
            raise Refused(f"{path} is no executable: `make dist/writ` builds one, or name it with --writ")
        self.path = Path(work) / "writ"
        subprocess.run(["strip", "-o", self.path, self.source], check=True)
        said = output(self.source, "version")
        self.version = re.search(r"^Version: (\S+)$", said, re.M).group(1)
        self.work, self.system, self.private, self.loader = Path(work), {}, {}, None
        self.libraries()
        for name, path in self.private.items():
            subprocess.run(["strip", "--strip-unneeded", "-o", Path(work) / name, os.path.realpath(path)], check=True)

    def libraries(self):
        """Sorts what the loader finds: libraries of Debian's packages, and others, which are Swift's."""
        for line in output("ldd", self.source).splitlines():
            found = re.match(r"\s+(?:(\S+) => )?(/\S+|not found)", line)
            if not found:
                continue
            name, path = found.groups()
            if path == "not found":
                raise Refused(f"{self.source} needs {name}, which is not here")
            package = package_of(path)
            if name is None:
                self.loader = path
            if package:
                self.system[name or os.path.basename(path)] = (path, package)
            else:
                self.private[name] = path
        if self.loader is None:
            raise Refused(f"ldd does not tell the loader of {self.source}")

    def beside(self):
        """Swift's libraries where they are not in the executable: (name, stripped file)."""
        return [(name, self.work / name) for name in sorted(self.private)]

    def depends(self):
        """Debian's dependencies: the C library by the newest symbol that is used, others as they are here."""
        wanted = []
        for package in sorted({package for _, package in self.system.values()}):
            version = field(package, "Version").rsplit("-", 1)[0]
            if package == "libc6":
                files = [self.path, *self.private.values()]
                used = re.findall(r"\bGLIBC_(\d+(?:\.\d+)+)\b", "".join(output("readelf", "-VW", f) for f in files))
                version = ".".join(map(str, max(tuple(map(int, text.split("."))) for text in used)))
            wanted.append(f"{package} (>= {version})")
        return wanted


def checkouts(path):
    """Where the sources of an executable's packages may be: in the scratch folder that it lies in, else the usual ones."""
    own = [folder for folder in Path(path).resolve().parents if (folder / STATE).is_file()]
    return [scratch / "checkouts" for scratch in [*own[:1], ROOT / ".build-dist", ROOT / ".build"]]


def checked_out(folders):
    """The first of these folders with checkouts, and what SwiftPM notes of each.

    Not `Package.resolved`: builds of a part of the packages (WRIT_SCOPE, in a scratch folder of their own) write that,
    too, and name only what they need themselves.
    """
    for folder in map(Path, folders):
        state = folder.parent / STATE
        if folder.is_dir() and state.is_file():
            return folder, json.loads(state.read_text())["object"]["dependencies"]
    raise Refused(f"no checkouts of Swift packages, for their licences, in {' or '.join(map(str, folders))}")


def third_party(folders):
    """The licences of the Swift packages within the binary, as (name, version, address, [(file, text)])."""
    folder, dependencies = checked_out(folders)
    found = []
    for dependency in sorted(dependencies, key=lambda dependency: dependency["packageRef"]["identity"]):
        address = dependency["packageRef"]["location"].removesuffix(".git")
        name = address.rsplit("/", 1)[1]
        state = dependency["state"].get("checkoutState")
        checkout = folder / dependency["subpath"]
        if state is None or not checkout.is_dir():
            raise Refused(f"the sources of {name}, for its licence, are not in {folder}")
        files = [
            path for path in sorted(checkout.rglob("*"))
            if re.match(r"(LICEN[CS]E|COPYING|NOTICE)", path.name) and path.is_file()
            and path.relative_to(checkout).parts[0] in ("Sources", path.name)
        ]
        if not any(path.name[0] in "LC" for path in files):
            raise Refused(f"{name} has no licence in {checkout}")
        texts = [("-".join(path.relative_to(checkout).parts), path.read_bytes()) for path in files]
        found.append((name, state.get("version", state["revision"]), address, texts))
    return found


def swift_licence(binary):
    """The licence of Swift's own libraries, from the toolchain that the binary was made with."""
    compiler = subprocess.run(["bash", "-c", "command -v swiftc"], capture_output=True, text=True).stdout.strip()
    for root in [os.path.dirname(path) for path in binary.private.values()] + [os.path.realpath(compiler)]:
        for parent in Path(root).parents:
            if (parent / "share/swift/LICENSE.txt").is_file():
                return (parent / "share/swift/LICENSE.txt").read_bytes()
    raise Refused("the licence of Swift's libraries (share/swift/LICENSE.txt) is not beside the toolchain")


def copyright_file(parts):
    """Debian's machine-readable copyright file."""
    lines = [
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/",
        "Upstream-Name: writ",
        "Comment: The executable holds the libraries named below; their licences and notices are in",
        " /usr/share/doc/writ/third-party.",
        "",
        "Files: *",
        f"Copyright: {YEAR} the authors of Writ",
        "License: Apache-2.0",
        "",
        "Files: swift swift-foundation swift-corelibs-foundation swift-corelibs-libdispatch",
        "Copyright: Apple Inc. and the Swift project authors",
        "License: Apache-2.0 with Swift-exception",
        " As Apache-2.0, with the Runtime Library Exception that stands at the end of third-party/swift.LICENSE.txt.",
        "",
        "Files: swift-foundation-icu",
        "Copyright: Unicode, Inc. and others",
        "License: Unicode-3.0",
        " The licence of Unicode's data files and software, https://www.unicode.org/license.txt",
        "",
    ]
    for name, version, address, texts in parts:
        first = texts[0][1].decode("utf-8", "replace")
        short = "Apache-2.0" if "Apache License" in first else "Expat"
        lines += [
            f"Files: {name}",
            f"Copyright: the authors of {name}",
            f"License: {short}",
            f"Comment: {version}, {address};",
            f" see {', '.join(f'third-party/{name}.{file}' for file, _ in texts)}",
            "",
        ]
    lines += [
        "License: Apache-2.0",
        " On Debian systems the text is in /usr/share/common-licenses/Apache-2.0.",
        "",
        "License: Expat",
        " The text is in the file of third-party named above.",
    ]
    return ("\n".join(lines) + "\n").encode()


def documents(binary, folders):
    """Files of /usr/share/doc/writ, by name: licences and Docs."""
    parts = third_party(folders)
    files = {"copyright": copyright_file(parts), "third-party/swift.LICENSE.txt": swift_licence(binary)}
    for name, _, _, texts in parts:
        for file, text in texts:
            files[f"third-party/{name}.{file}"] = text
    return files


def main_error(error):
    print(f"packaging: {error}", file=sys.stderr)
    return 1
