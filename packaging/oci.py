"""The image: layers, configuration, manifest and index of the OCI image format, written without a container engine."""

import gzip
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import time
from pathlib import Path

from common import DESCRIPTION, ROOT, Refused, architecture, documents, field, git, output

NONROOT = 65532
ZONES = "/usr/share/zoneinfo"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
PASSWD = f"root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:{NONROOT}:{NONROOT}:nonroot:/var/lib/writ:/sbin/nologin\n"
GROUP = f"root:x:0:\nnonroot:x:{NONROOT}:\n"


class Layer:
    """A tar archive whose bytes depend on what is in it, and on nothing else."""

    def __init__(self, when):
        self.when, self.entries = when, {}

    def add(self, path, data=None, mode=0o644, kind=tarfile.REGTYPE, target="", owner=0):
        for parent in reversed(Path(path).parents):
            if str(parent) != "." and str(parent) not in self.entries:
                self.folder(str(parent))
        info = tarfile.TarInfo(path)
        info.mode, info.mtime, info.type, info.linkname = mode, self.when, kind, target
        info.uid = info.gid = owner
        if data is not None:
            info.size = os.path.getsize(data) if isinstance(data, Path) else len(data)
        self.entries[path] = (info, data)

    def folder(self, path, mode=0o755, owner=0):
        self.add(path, mode=mode, kind=tarfile.DIRTYPE, owner=owner)

    def link(self, path, target):
        self.add(path, mode=0o777, kind=tarfile.SYMTYPE, target=target)

    def write(self, blobs, level):
        """Writes the layer as a blob; gives its descriptor and the digest of what is packed in it."""
        temporary = blobs / "layer"
        with open(temporary, "wb") as raw:
            hashing = Hashing(raw)
            with gzip.GzipFile("", "wb", level, hashing, mtime=0) as packed:
                inside = Hashing(packed)
                # A parent stands before what is in it.
                with tarfile.open(fileobj=inside, mode="w|", format=tarfile.PAX_FORMAT, bufsize=1 << 20) as tar:
                    for path in sorted(self.entries, key=lambda path: path.split("/")):
                        info, data = self.entries[path]
                        source = open(data, "rb") if isinstance(data, Path) else io.BytesIO(data or b"")
                        with source:
                            tar.addfile(info, source)
        digest = hashing.digest.hexdigest()
        temporary.rename(blobs / digest)
        described = described_as("application/vnd.oci.image.layer.v1.tar+gzip", digest, hashing.size)
        return described, "sha256:" + inside.digest.hexdigest()


class Hashing:
    """A file that is written and hashed at once."""

    def __init__(self, file):
        self.file, self.digest, self.size = file, hashlib.sha256(), 0

    def write(self, data):
        self.digest.update(data)
        self.size += len(data)
        return self.file.write(data)

    def flush(self):
        self.file.flush()


def described_as(kind, digest, size, **more):
    return {"mediaType": kind, "digest": f"sha256:{digest}", "size": size, **more}


def blob(blobs, kind, value, **more):
    data = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    digest = hashlib.sha256(data).hexdigest()
    (blobs / digest).write_bytes(data)
    return described_as(kind, digest, len(data), **more)


def base(binary, when):
    """What a program needs of an operating system: the C library and its kin, accounts, certificates, time zones."""
    layer = Layer(when)
    folders = sorted({os.path.dirname(os.path.realpath(path)).lstrip("/") for path, _ in binary.system.values()})
    for folder in folders:
        layer.folder("usr/" + folder.removeprefix("usr/"))
    for name in ("bin", "sbin", "lib", "lib64"):
        layer.folder(f"usr/{name}")
        layer.link(name, f"usr/{name}")
    for name, (path, _) in sorted(binary.system.items()):
        real = os.path.realpath(path)
        place = "usr/" + os.path.dirname(real).lstrip("/").removeprefix("usr/")
        layer.add(f"{place}/{name}", Path(real), 0o755)
    loader = "usr/" + binary.loader.lstrip("/").removeprefix("usr/")
    if loader not in layer.entries:
        real = os.path.realpath(binary.loader)
        layer.link(loader, "/usr/" + os.path.dirname(real).lstrip("/").removeprefix("usr/") + "/"
                   + os.path.basename(binary.loader))
    layer.folder("tmp", 0o1777)
    for name in ("dev", "proc", "sys", "root", "run", "etc/writ", "etc/writ/policy"):
        layer.folder(name)
    layer.folder("var/lib/writ", 0o750, NONROOT)
    layer.add("etc/passwd", PASSWD.encode())
    layer.add("etc/group", GROUP.encode())
    layer.add("etc/nsswitch.conf", b"passwd: files\ngroup: files\nhosts: files dns\n")
    layer.add("etc/os-release", Path(os.path.realpath("/etc/os-release")))
    if not os.path.exists(CERTIFICATES) or not os.path.isdir(ZONES):
        raise Refused(f"the image needs {CERTIFICATES} and {ZONES}: install ca-certificates and tzdata")
    layer.add(CERTIFICATES.lstrip("/"), Path(CERTIFICATES))
    for line in output("dpkg", "-L", "tzdata").splitlines():
        if not line.startswith(ZONES + "/") or "/right/" in line or "/posix/" in line or not os.path.exists(line):
            continue
        if os.path.islink(line):
            layer.link(line.lstrip("/"), os.readlink(line))
        elif os.path.isfile(line):
            layer.add(line.lstrip("/"), Path(line))
    packages = {package for _, package in binary.system.values()} | {"tzdata", "ca-certificates"}
    for package in sorted(packages):
        described(layer, package)
    return layer


def described(layer, package):
    """A package's licence, and its entry in the place where scanners of images look for it."""
    place = f"usr/share/doc/{package}/copyright"
    text = Path("/" + place).read_bytes()
    layer.add(place, text)
    for name in re.findall(rb"/usr/share/common-licenses/([A-Za-z0-9.-]*[A-Za-z0-9])", text):
        common = Path("/usr/share/common-licenses") / name.decode()
        if common.exists():
            layer.add(str(common).lstrip("/"), common.read_bytes())
    names = ("Package", "Architecture", "Version", "Source", "Maintainer", "Homepage")
    lines = [f"{name}: {value}" for name in names if (value := field(package, name))]
    layer.add(f"var/lib/dpkg/status.d/{package}", ("\n".join(lines) + "\n\n").encode())


def program(binary, licences, when):
    layer = Layer(when)
    if binary.private:
        layer.add("usr/lib/writ/writ", binary.path, 0o755)
        for name, path in binary.beside():
            layer.add(f"usr/lib/writ/{name}", path)
        layer.link("usr/bin/writ", "../lib/writ/writ")
    else:
        layer.add("usr/bin/writ", binary.path, 0o755)
    for name, data in documents(binary, licences).items():
        layer.add(f"usr/share/doc/writ/{name}", data)
    layer.add("usr/share/common-licenses/Apache-2.0", ROOT / "LICENSE")
    return layer


def build(binary, licences, when, out, level):
    """Writes the layout writ-VERSION-ARCH.oci as a folder and as a .tar; gives the paths."""
    name = f"writ-{binary.version}-{architecture()}.oci"
    layout = out / name
    shutil.rmtree(layout, ignore_errors=True)
    blobs = layout / "blobs/sha256"
    blobs.mkdir(parents=True)
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(when))
    steps = [("operating system's libraries, certificates, time zones", base(binary, when)),
             (f"writ {binary.version}", program(binary, licences, when))]
    layers, inside, history = [], [], []
    for comment, layer in steps:
        described, digest = layer.write(blobs, level)
        layers.append(described)
        inside.append(digest)
        history.append({"created": created, "created_by": comment})
    labels = {
        "org.opencontainers.image.title": "writ",
        "org.opencontainers.image.description": " ".join(DESCRIPTION.split()),
        "org.opencontainers.image.version": binary.version,
        "org.opencontainers.image.licenses": "Apache-2.0",
        "org.opencontainers.image.created": created,
    }
    try:
        labels["org.opencontainers.image.revision"] = git("rev-parse", "HEAD")
    except (OSError, subprocess.CalledProcessError):
        pass
    platform = {"architecture": architecture(), "os": "linux"}
    configuration = blob(blobs, "application/vnd.oci.image.config.v1+json", {
        "created": created, **platform,
        "config": {
            "User": f"{NONROOT}:{NONROOT}", "WorkingDir": "/var/lib/writ", "Labels": labels, "StopSignal": "SIGTERM",
            "Entrypoint": ["/usr/bin/writ"], "Cmd": ["run", "--server", "--addr", ":8181", "/etc/writ/policy"],
            "Env": ["PATH=/usr/bin", "HOME=/var/lib/writ"], "ExposedPorts": {"8181/tcp": {}},
        },
        "rootfs": {"type": "layers", "diff_ids": inside}, "history": history,
    })
    manifest = blob(
        blobs, "application/vnd.oci.image.manifest.v1+json",
        {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": configuration,
         "layers": layers, "annotations": labels},
        platform=platform,
        annotations={"org.opencontainers.image.ref.name": binary.version,
                     "io.containerd.image.name": f"docker.io/library/writ:{binary.version}"})
    index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [manifest]}
    (layout / "index.json").write_text(json.dumps(index, sort_keys=True, separators=(",", ":")))
    (layout / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    whole = Layer(when)
    for path in sorted(layout.rglob("*")):
        if path.is_file():
            whole.add(str(path.relative_to(layout)), path)
    archive = out / f"{name}.tar"
    with tarfile.open(archive, "w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(whole.entries, key=lambda path: path.split("/")):
            info, data = whole.entries[path]
            with open(data, "rb") if data else io.BytesIO() as source:
                tar.addfile(info, source)
    return layout, archive
