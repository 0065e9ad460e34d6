"""The Debian package: a tree of files, and dpkg-deb over it."""

import gzip
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import manual
from common import DESCRIPTION, HERE, ROOT, SUMMARY, architecture, documents, output

MAINTAINER = "The maintainers of Writ <maintainers@users.noreply.github.com>"
CONFFILES = ["/etc/default/writ", "/etc/writ/config.yaml"]
SHELLS = {
    "bash": "usr/share/bash-completion/completions/writ",
    "zsh": "usr/share/zsh/vendor-completions/_writ",
    "fish": "usr/share/fish/vendor_completions.d/writ.fish",
}


def packed(data):
    return gzip.compress(data, 9, mtime=0)


class Tree:
    def __init__(self, root):
        self.root = root

    def put(self, path, data, mode=0o644):
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(data, Path):
            shutil.copyfile(data, place)
        else:
            place.write_bytes(data)
        place.chmod(mode)

    def link(self, path, target):
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)

    def settle(self, when):
        """The same modes and times whatever umask and clock were."""
        for path in [self.root, *self.root.rglob("*")]:
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)
        for path in sorted(self.root.rglob("*"), reverse=True):
            os.utime(path, (when, when), follow_symlinks=False)
        os.utime(self.root, (when, when))


def programs(tree, binary):
    """One file, or, where Swift's libraries are not in it, a folder that has them beside it."""
    if not binary.private:
        tree.put("usr/bin/writ", binary.path, 0o755)
        return
    tree.put("usr/lib/writ/writ", binary.path, 0o755)
    for name, path in binary.beside():
        tree.put(f"usr/lib/writ/{name}", path)
    tree.link("usr/bin/writ", "../lib/writ/writ")


def changelog(version, when):
    date = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(when))
    text = f"writ ({version}) stable; urgency=medium\n\n  * Version {version}; see CHANGELOG.md.\n\n"
    return (text + f" -- {MAINTAINER}  {date}\n").encode()


def control(binary, size):
    depends = binary.depends() + ["systemd | systemd-standalone-sysusers"]
    long = "\n".join(f" {line}" for line in DESCRIPTION.splitlines())
    return f"""Package: writ
Version: {binary.version}
Architecture: {architecture()}
Maintainer: {MAINTAINER}
Installed-Size: {size}
Depends: {", ".join(depends)}
Recommends: ca-certificates, tzdata
Section: net
Priority: optional
Description: {SUMMARY}
{long}
""".encode()


def build(binary, licences, when, out, compress):
    """Writes writ_VERSION_ARCH.deb; gives its path."""
    with tempfile.TemporaryDirectory(prefix="writ-deb-") as folder:
        root = Path(folder) / "root"
        root.mkdir()
        tree = Tree(root)
        programs(tree, binary)
        tree.put("usr/lib/systemd/system/writ.service", HERE / "files/writ.service")
        tree.put("usr/lib/sysusers.d/writ.conf", HERE / "files/sysusers.conf")
        tree.put("etc/writ/config.yaml", HERE / "files/config.yaml")
        tree.put("etc/default/writ", HERE / "files/default")
        tree.put("usr/share/lintian/overrides/writ", HERE / "files/lintian-overrides")
        (root / "etc/writ/policy").mkdir()
        for shell, path in SHELLS.items():
            tree.put(path, output(binary.source, "completion", shell).encode())
        date = time.strftime("%Y-%m-%d", time.gmtime(when))
        for name, text in manual.pages(binary.source, binary.version, date).items():
            tree.put(f"usr/share/man/man1/{name}.gz", packed(text))
        for name, data in documents(binary, licences).items():
            tree.put(f"usr/share/doc/writ/{name}", data)
        for path in sorted((ROOT / "Docs").glob("*.*")):
            tree.put(f"usr/share/doc/writ/{path.name}", path)
        tree.put("usr/share/doc/writ/CHANGELOG.md", ROOT / "CHANGELOG.md")
        tree.put("usr/share/doc/writ/changelog.gz", packed(changelog(binary.version, when)))
        size = sum(-(-path.stat().st_size // 1024) for path in root.rglob("*") if path.is_file())
        sums = output("bash", "-c", f"cd {root} && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum")
        tree.put("DEBIAN/md5sums", sums.encode())
        tree.put("DEBIAN/control", control(binary, size))
        tree.put("DEBIAN/conffiles", "".join(f"{name}\n" for name in CONFFILES).encode())
        for name in ("postinst", "prerm", "postrm"):
            tree.put(f"DEBIAN/{name}", HERE / f"files/{name}", 0o755)
        tree.settle(when)
        package = out / f"writ_{binary.version}_{architecture()}.deb"
        method, _, level = compress.partition(":")
        subprocess.run(
            ["dpkg-deb", "--root-owner-group", f"-Z{method}", *([f"-z{level}"] if level else []), "--build", root,
             package],
            check=True, stdout=subprocess.DEVNULL, env={**os.environ, "SOURCE_DATE_EPOCH": str(when)})
        return package
