#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""doctor_checkconfig.py PROGRAM CHECKCONFIG SCRATCH CONFIG…: the doctor beside LXC's lxc-checkconfig.

Both judge each configuration. They must agree on every option that lxc-checkconfig asks for, or one of its known
bugs must explain why not: it looks anywhere in a line and takes a '|' for a value, it cannot read versions from 10 on,
and it asks for NF_NAT_IPV4 by arithmetic that is wrong before 4.7. Made-up configurations show each of them.
"""
import json
import lzma
import re
import subprocess
import sys
from pathlib import Path

LABELS = {
    "Namespaces": "NAMESPACES", "Utsname namespace": "UTS_NS", "Ipc namespace": "IPC_NS", "Pid namespace": "PID_NS",
    "User namespace": "USER_NS", "Network namespace": "NET_NS", "Cgroups": "CGROUPS", "Cgroup device": "CGROUP_DEVICE",
    "Multiple /dev/pts instances": "DEVPTS_MULTIPLE_INSTANCES", "Cgroup sched": "CGROUP_SCHED",
    "Cgroup cpu account": "CGROUP_CPUACCT", "Cgroup memory controller": "MEMCG", "Cgroup cpuset": "CPUSETS",
    "Veth pair device": "VETH", "Macvlan": "MACVLAN", "Vlan": "VLAN_8021Q", "Bridges": "BRIDGE",
    "Advanced netfilter": "NETFILTER_ADVANCED", "FUSE (for use with lxcfs)": "FUSE_FS",
    "checkpoint restore": "CHECKPOINT_RESTORE",
}
HEAD = "#\n# Automatically generated file; DO NOT EDIT.\n# Linux/arm64 {} Kernel Configuration\n#\n"
# What: text, release, the options on which the two must differ, and the bug.
MADE_UP = {
    "a comment": ("# CONFIG_VETH=y was here\nCONFIG_A=y\n", "6.1.0", {"VETH"}, "unanchored"),
    "a longer name before it": ("MY_CONFIG_MACVLAN=y\nCONFIG_A=y\n", "6.1.0", {"MACVLAN"}, "unanchored"),
    "a text": ('CONFIG_CMDLINE="CONFIG_BRIDGE=m"\n', "6.1.0", {"BRIDGE"}, "unanchored"),
    "a pipe": ("CONFIG_FUSE_FS=|\n", "6.1.0", {"FUSE_FS"}, "[y|m]"),
    "yesterday": ("CONFIG_UNIX_DIAG=yesterday\n", "6.1.0", {"UNIX_DIAG"}, "unanchored"),
    "Linux 10": ("CONFIG_MEMCG=y\n", "10.1.0", {"MEMCG"}, "one-digit"),
    "Linux 4.4": ("CONFIG_A=y\n", "4.4.0", {"NF_NAT_IPV4", "NF_NAT_IPV6"}, "NF_NAT"),
    "Linux 3.10": ("CONFIG_A=y\n", "3.10.0", {"NF_NAT_IPV4", "NF_NAT_IPV6"}, "NF_NAT"),
    "nothing at all, on 6.1": ("CONFIG_A=y\n", "6.1.0", set(), ""),
    "nothing at all, on 4.9": ("CONFIG_A=y\n", "4.9.0", set(), ""),
}


def theirs(script, path):
    """What lxc-checkconfig says: option to True or False; and its status."""
    done = subprocess.run(["sh", script], env={"CONFIG": str(path), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    found = {}
    for label, answer in re.findall(r"^(.+): (enabled|missing|required)", done.stdout, re.M):
        name = LABELS.get(label, label.removeprefix("CONFIG_"))
        if label in LABELS or label.startswith("CONFIG_"):
            found[name] = answer == "enabled"
    if len(found) < 20 and "one-digit" not in str(path):
        raise SystemExit(f"{path}: lxc-checkconfig said only {found}: {done.stdout}{done.stderr}")
    return found, done.returncode


def ours(program, path):
    """What the doctor says: option to True, False, or None where this version has none; and its status."""
    done = subprocess.run([program, "--report=json", "doctor", "--all", f"--kernel-config={path}"],
                          stdout=subprocess.PIPE, text=True, check=False)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    states = {row["fields"]["option"].removeprefix("CONFIG_"): row["fields"]["state"]
              for row in rows if row.get("kind") == "option"}
    if not states:
        raise SystemExit(f"{path}: the doctor said {done.stdout}")
    return {name: None if state == "obsolete here" else state.startswith(("built in", "module"))
            for name, state in states.items()}, done.returncode


def explain(name, text, release):
    """The known bug that makes lxc-checkconfig answer otherwise; None."""
    major, minor = (int(number) for number in release.split(".")[:2])
    if major > 9:
        return "one-digit majors"
    if re.search(rf"CONFIG_{name}=\|", text):
        return "[y|m] takes a pipe"
    if re.search(rf"CONFIG_{name}=[ym]", text) and not re.search(rf"^CONFIG_{name}=[ym]$", text, re.M):
        return "unanchored"
    if name in ("NF_NAT_IPV4", "NF_NAT_IPV6") and (3, 7) <= (major, minor) < (4, 7):
        return "NF_NAT's versions"
    return None


def compare(program, script, path, release):
    """The options on which the two differ, with the reason of each; and both statuses."""
    text = path.read_text()
    their_answers, their_status = theirs(script, path)
    our_answers, our_status = ours(program, path)
    differ = {}
    for name in sorted(set(their_answers) | {"NF_NAT_IPV4", "NF_NAT_IPV6", "MEMCG"}):
        if name not in our_answers:
            differ[name] = explain(name, text, release) or "NOT IN OUR TABLE"
        elif their_answers.get(name) != our_answers[name]:
            differ[name] = explain(name, text, release)
    return differ, their_status, our_status


def main():
    """The command line."""
    program, script, scratch, *configs = sys.argv[1:]
    wrong = 0
    for path in map(Path, configs):
        data = path.read_bytes()
        plain = Path(scratch) / path.name.removesuffix(".xz")
        plain.write_bytes(lzma.decompress(data) if path.suffix == ".xz" else data)
        release = re.search(r"^# Linux/\S+ (\S+) Kernel", plain.read_text(), re.M).group(1)
        differ, _, _ = compare(program, script, plain, release)
        unexplained = [name for name, why in differ.items() if not why]
        wrong += bool(unexplained)
        print(f"{path.name} ({release}): {len(differ)} differ{': ' + str(differ) if differ else ''}")
    for what, (text, release, options, bug) in MADE_UP.items():
        path = Path(scratch) / f"made-up-{'one-digit' if release.startswith('10') else 'x'}"
        path.write_text(HEAD.format(release) + text)
        differ, their_status, our_status = compare(program, script, path, release)
        right = (options <= set(differ) and all(differ.values()) and (options or not differ)
                 and all(bug in why for name, why in differ.items() if name in options))
        # It exits 0 whatever is missing.
        right = right and their_status == 0 and our_status == 13
        wrong += not right
        print(f"{what}: {differ}, statuses {their_status} and {our_status}{'' if right else ' WRONG'}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
