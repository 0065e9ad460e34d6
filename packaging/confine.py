"""Runs a command as writ.service does where systemd is not: its user, folder, system calls, sockets and memory."""

import ctypes
import os
import re
import subprocess

PR_SET_NO_NEW_PRIVS, PR_SET_MDWE, MDWE_REFUSE_EXEC_GAIN = 38, 65, 1
ALLOW, EPERM, EQUAL = 0x7FFF0000, 0x00050001, 4
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10, "AF_NETLINK": 16}


def unit(text):
    """What stands in a unit, as {key: [values]}; the sections do not matter here."""
    found = {}
    for line in text.splitlines():
        key, equal, value = line.partition("=")
        if equal and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


def command(service, defaults):
    """ExecStart with its variables, which /etc/default/writ may set."""
    values = dict(re.findall(r'^"?(\w+)=(.*?)"?$', "\n".join(service.get("Environment", [])), re.M))
    values.update(re.findall(r'^(\w+)="?(.*?)"?$', defaults, re.M))
    words = []
    for word in service["ExecStart"][0].split():
        words += values.get(word[1:], "").split() if word.startswith("$") else [word]
    return words


def calls(service):
    """The system calls that the unit's filter lets through, by systemd's own lists."""
    groups, name = {}, None
    listing = subprocess.run(
        ["systemd-analyze", "--no-pager", "syscall-filter"], capture_output=True, text=True, check=True).stdout
    for line in listing.splitlines():
        if line.startswith("@"):
            name = line.strip()
            groups[name] = []
        elif name and line.strip() and not line.strip().startswith("#"):
            groups[name].append(line.strip())

    def all_of(word):
        return {call for member in groups[word] for call in all_of(member)} if word.startswith("@") else {word}

    allowed = all_of("@default")
    for line in service["SystemCallFilter"]:
        words = {call for word in line.lstrip("~").split() for call in all_of(word)}
        allowed = allowed - words if line.startswith("~") else allowed | words
    return allowed | all_of("@default")


class Compare(ctypes.Structure):
    _fields_ = [("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


def confinement(service, root, user, group):
    """A function for the child, between fork and exec; everything is looked up before."""
    library = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    library.seccomp_init.restype = ctypes.c_void_p
    process = ctypes.CDLL(None, use_errno=True)
    context = ctypes.c_void_p(library.seccomp_init(EPERM))
    socket = library.seccomp_syscall_resolve_name(b"socket")
    for call in sorted(calls(service)):
        number = library.seccomp_syscall_resolve_name(call.encode())
        if number < 0:
            continue
        if number == socket:
            for family in service["RestrictAddressFamilies"][0].split():
                rule = Compare(0, EQUAL, FAMILIES[family], 0)
                library.seccomp_rule_add_array(context, ALLOW, number, 1, ctypes.byref(rule))
        else:
            library.seccomp_rule_add_array(context, ALLOW, number, 0, None)

    def confine():
        os.chroot(root)
        os.chdir(service["WorkingDirectory"][0])
        os.umask(int(service["UMask"][0], 8))
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)
        if process.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
            raise OSError("no_new_privs is refused")
        process.prctl(PR_SET_MDWE, MDWE_REFUSE_EXEC_GAIN, 0, 0, 0)  # Linux 6.3; older ones go without
        if library.seccomp_load(context):
            raise OSError("the filter of system calls is refused")

    return confine
