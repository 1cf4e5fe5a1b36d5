#!/usr/bin/env python3
"""Measures Hearth beside plain git servers on this machine, and prints ratios.

  bench.py --quick|--full --hearth PROGRAM --load PROGRAM [--suite LIST] [--out FILE]

Both sides take turns (A B A B ...), so that whatever else the machine does
meets both. Nothing is asserted about time: read the ratios and the minimums.
Suites: idle, counts, push, refs, clone, large, pages, jobs, claims.
"""
import argparse
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from jobs import claims, jobs
from report import ROWS, line_of, row, say
from seed import Chain, fetch_request, git_out, make_seed, pkt
from servers import GIT_ENV, Hearth, Plain, run

# --- measuring

class Bench:
    def __init__(self, options, folder):
        self.full = options.full
        self.load_program = options.load
        self.folder = folder
        self.plain = Plain(folder)
        self.hearth = Hearth(folder, options.hearth)
        self.sides = [self.plain, self.hearth]
        self.number = 0

    def open(self):
        for side in self.sides:
            side.open()

    def stop(self):
        for side in self.sides:
            side.stop()

    def subfolder(self):
        self.number += 1
        path = self.folder / f"part{self.number}"
        path.mkdir()
        return path

    def create(self, seed):
        """The same repository on both sides; says its name."""
        self.number += 1
        repo = f"bench/r{self.number}"
        for side in self.sides:
            side.create(repo, seed)
        return repo

    def load(self, side, mode, url, clients=1, count=None, seconds=None, bodies=None, keep=False):
        """Runs the raw client; adds the server's CPU seconds as "cpu"."""
        argv = [self.load_program, mode, url, "-c", clients]
        argv += ["-n", count] if count else ["-d", seconds]
        argv += ["-a", side.basic] if side.basic and url.startswith("http") else []
        argv += ["-i", side.key] if url.startswith("ssh") else []
        argv += ["-k"] if keep else []
        if bodies:
            names = self.folder / "bodies"
            names.write_text("".join(f"{b}\n" for b in bodies))
            argv += ["-b", names]
        before = side.group.cpu()
        done = run(*argv, check=False, timeout=1800)
        try:
            result = json.loads(done.stdout)
        except ValueError:
            raise RuntimeError(f"{mode} {url}: {done.stderr.decode()[-600:]}") from None
        if result["errors"]:
            say(f"  ! {side.name} {mode} {url}: {result['errors']} wrong answers: {done.stderr.decode()[:300]}")
        time.sleep(0.1)
        result["cpu"] = side.group.cpu() - before
        return result

    def url(self, side, way, repo):
        return side.http_url(repo) if way == "HTTP" else side.ssh_url(repo)

    def git(self, side, *argv, cwd=None):
        """Milliseconds of a whole git client."""
        start = time.perf_counter()
        run("git", *argv, env=side.git_env(), cwd=cwd, timeout=1800)
        return (time.perf_counter() - start) * 1e3

    def real_url(self, side, way, repo):
        return side.http_url(repo, True) if way == "HTTP" else side.ssh_url(repo)


def push(b):
    """One-commit pushes: raw client, then the real git."""
    count = 60 if b.full else 15
    targets = {("HTTP", 1): (0.35, 0.30), ("SSH", 1): (None, 0.20), ("HTTP", 10000): (0.25, None), ("SSH", 10000): (None, None)}
    for branches in (1, 10000):
        folder = b.subfolder()
        seed = make_seed(folder / "seed.git", 1000, 200, branches)
        chain = Chain(seed, count, folder)
        repo = b.create(seed)
        for way in ("HTTP", "SSH"):
            bodies = chain.bodies(f"raw-{way}")
            time_of, cpu_of = ({s: [] for s in b.sides} for _ in range(2))
            for at in range(0, count, 5):
                for side in b.sides:
                    r = b.load(side, "push", b.url(side, way, repo), count=5, bodies=bodies[at:at + 5])
                    if not r["errors"]:
                        time_of[side].append(r["p50"])
                        cpu_of[side].append(r["cpu"] / r["ops"] * 1e3)
            wall, cpu = targets[way, branches]
            row(f"push of one commit, {way}, {branches} refs: server p50", time_of[b.plain], time_of[b.hearth], "ms", wall)
            row(f"push of one commit, {way}, {branches} refs: server CPU", cpu_of[b.plain], cpu_of[b.hearth], "ms", cpu)
            git_push(b, way, repo, chain, branches)


def git_push(b, way, repo, chain, branches):
    time_of = {s: [] for s in b.sides}
    for commit in chain.commits:
        for side in b.sides:
            time_of[side].append(b.git(side, "-C", chain.repo, "push", "-q", b.real_url(side, way, repo),
                                       f"{commit}:refs/heads/git-{way}"))
    target = {("SSH", 1): 0.15, ("HTTP", 1): 0.70}.get((way, branches))
    row(f"push of one commit, {way}, {branches} refs: git push p50", time_of[b.plain], time_of[b.hearth], "ms", target)


def refs(b):
    """ls-refs, which is all a fetch of nothing new costs."""
    seconds, rounds = (2.5, 3) if b.full else (1, 1)
    for branches in (1, 10000):
        seed = make_seed(b.subfolder() / "seed.git", 1000, 200, branches)
        repo = b.create(seed)
        for way in ("HTTP", "SSH"):
            p50, cpu = ({s: [] for s in b.sides} for _ in range(2))
            for _ in range(3):
                for side in b.sides:
                    r = b.load(side, "refs", b.url(side, way, repo), count=20 if b.full else 8)
                    p50[side].append(r["p50"])
                    cpu[side].append(r["cpu"] / max(r["ops"], 1) * 1e3)
            row(f"ls-refs, {way}, {branches} refs: server p50", p50[b.plain], p50[b.hearth], "ms", 0.10 if way == "HTTP" else 0.05)
            row(f"ls-refs, {way}, {branches} refs: server CPU", cpu[b.plain], cpu[b.hearth], "ms", 0.06 if way == "HTTP" else 0.07)
            for clients in (8, 32):
                rate = {s: [] for s in b.sides}
                for _ in range(rounds):
                    for side in b.sides:
                        r = b.load(side, "refs", b.url(side, way, repo), clients=clients, seconds=seconds)
                        rate[side].append(r["ops"] / r["seconds"])
                row(f"ls-refs, {way}, {branches} refs, {clients} clients", rate[b.plain], rate[b.hearth], "op/s", 12, True)
            fetch_of_nothing(b, way, repo, branches)


def fetch_of_nothing(b, way, repo, branches):
    time_of = {s: [] for s in b.sides}
    copies = {}
    for side in b.sides:
        copies[side] = b.subfolder() / "copy"
        b.git(side, "clone", "-q", b.real_url(side, way, repo), copies[side])
    for _ in range(20 if b.full else 6):
        for side in b.sides:
            time_of[side].append(b.git(side, "-C", copies[side], "fetch", "-q"))
    row(f"fetch of nothing, {way}, {branches} refs: git fetch p50", time_of[b.plain], time_of[b.hearth], "ms",
        0.12 if way == "SSH" and branches == 1 else None)


def clone(b):
    folder = b.subfolder()
    seed = make_seed(folder / "seed.git", *((50000, 2000) if b.full else (5000, 500)))
    tip = git_out(seed, "rev-parse", "main").decode().strip()
    repo = b.create(seed)
    for what, depth, clients, way in (("full clone", None, 1, "HTTP"), ("full clone", None, 1, "SSH"),
                                      ("depth-1 clone", 1, 1, "HTTP"), ("8 depth-1 clones at once", 1, 8, "HTTP"),
                                      ("8 full clones at once", None, 8, "HTTP")):
        body = fetch_request(folder / "request", tip, depth)
        wall, cpu = ({s: [] for s in b.sides} for _ in range(2))
        for _ in range(3 if b.full else 2):
            for side in b.sides:
                r = b.load(side, "fetch", b.url(side, way, repo), clients=clients, count=clients, bodies=[body])
                wall[side].append(r["seconds"])
                cpu[side].append(r["cpu"])
        row(f"{what}, {way}: time", wall[b.plain], wall[b.hearth], "s")
        row(f"{what}, {way}: server CPU", cpu[b.plain], cpu[b.hearth], "s")


def large(b):
    """One push of a whole repository's pack into an empty one."""
    folder = b.subfolder()
    seed = make_seed(folder / "seed.git", *((50000, 2000) if b.full else (5000, 500)))
    tip = git_out(seed, "rev-parse", "main").decode().strip()
    body = folder / "body"
    pack = git_out(seed, "pack-objects", "--revs", "--stdout", "-q", "--delta-base-offset", input=f"{tip}\n".encode())
    body.write_bytes(pkt(f"{'0' * 40} {tip} refs/heads/main\0 report-status agent=git/2.39.5".encode()) + b"0000" + pack)
    for way in ("HTTP", "SSH"):
        wall, cpu = ({s: [] for s in b.sides} for _ in range(2))
        for _ in range(3 if b.full else 2):
            repo = b.create(None)
            for side in b.sides:
                r = b.load(side, "push", b.url(side, way, repo), count=1, bodies=[body])
                wall[side].append(r["seconds"])
                cpu[side].append(r["cpu"])
        size = body.stat().st_size / 1e6
        row(f"push of a pack of {size:.0f} MB, {way}: time", wall[b.plain], wall[b.hearth], "s", 1.05)
        row(f"push of a pack of {size:.0f} MB, {way}: server CPU", cpu[b.plain], cpu[b.hearth], "s", 1.05)


def pages(b):
    if not b.plain.pages:
        say("  no cgit: pages are not measured")
        return
    seconds, rounds = (2.5, 3) if b.full else (1, 1)
    seed = make_seed(b.subfolder() / "seed.git", 1000, 200)
    repo = b.create(seed)
    tip = git_out(seed, "rev-parse", "main").decode().strip()
    path = git_out(seed, "ls-tree", "-r", "--name-only", tip, "src/").decode().split()[0]
    for page, target in (("home", 10), ("tree", 10), ("blob", 10), ("commit", 4), ("log", 4)):
        for clients in (1, 32):
            rate, cpu = ({s: [] for s in b.sides} for _ in range(2))
            for _ in range(rounds):
                for side in b.sides:
                    url = side.pages[page].format(repo=repo, path=path, commit=tip)
                    r = b.load(side, "get", url, clients=clients, seconds=seconds, keep=True)
                    rate[side].append(r["ops"] / r["seconds"])
                    cpu[side].append(r["cpu"] / max(r["ops"], 1) * 1e3)
            row(f"page {page}, {clients} connections", rate[b.plain], rate[b.hearth], "req/s", target, True)
        row(f"page {page}: server CPU a request", cpu[b.plain], cpu[b.hearth], "ms")


def idle(b):
    """Memory of all roles, shared pages divided among their users; without PostgreSQL and Redis."""
    time.sleep(1)
    stores = ("postgres", "redis-server")
    row("memory of all roles, idle (PSS)", None, b.hearth.group.pss((*stores, "hearth-runner")), "MB", 60)
    row("memory of all roles and a runner, idle (PSS)", None, b.hearth.group.pss(stores), "MB")


class Trace:
    """Counts system calls of Hearth's processes (not its database) with strace, exactly."""
    CALLS = ("execve", "fsync", "fdatasync")

    def __init__(self, side, folder):
        self.log = folder / "strace"
        pids = [p for p in side.group.pids() if Path(f"/proc/{p}/comm").read_text().strip() not in ("postgres", "redis-server")]
        argv = ["strace", "-f", "-qq", "-e", "trace=" + ",".join(self.CALLS), "-o", self.log]
        for pid in pids:
            argv += ["-p", str(pid)]
        self.process = subprocess.Popen([str(a) for a in argv], stderr=subprocess.DEVNULL)
        time.sleep(1)

    def stop(self):
        time.sleep(0.5)
        self.process.terminate()
        self.process.wait()
        found = dict.fromkeys(self.CALLS, 0)
        for text in self.log.read_text(errors="replace").splitlines():
            match = re.match(r"\d+\s+(\w+)\(.*= 0$", text) or re.match(r"\d+\s+<\.\.\. (\w+) resumed.*= 0$", text)
            if match and match.group(1) in found:
                found[match.group(1)] += 1
        return found["execve"], found["fsync"] + found["fdatasync"]


def counts(b):
    """Program starts and fsyncs of one operation; exact, so they may be compared between runs."""
    folder = b.subfolder()
    seed = make_seed(folder / "seed.git", 100, 50)
    chain = Chain(seed, 10, folder)
    repo = b.create(seed)
    url = {way: b.url(b.hearth, way, repo) for way in ("HTTP", "SSH")}
    tip = git_out(seed, "rev-parse", "main").decode().strip()
    request = fetch_request(folder / "request", tip)
    bodies = chain.bodies("main")
    operations = [("ls-refs, HTTP", "refs", url["HTTP"], None, 0, None), ("ls-refs, SSH", "refs", url["SSH"], None, 0, None),
                  ("page home", "get", b.hearth.pages["home"].format(repo=repo), None, 0, None),
                  ("full clone, HTTP", "fetch", url["HTTP"], [request], 1, None),
                  ("push of one commit, HTTP", "push", url["HTTP"], bodies[:5], 0, 1),
                  ("push of one commit, SSH", "push", url["SSH"], bodies[5:], 0, 1)]
    for what, mode, address, bodies, execs, syncs in operations:
        trace = Trace(b.hearth, folder)
        r = b.load(b.hearth, mode, address, count=5, bodies=bodies)
        found = trace.stop()
        row(f"{what}: program starts", None, found[0] / max(r["ops"], 1), "", execs)
        row(f"{what}: fsyncs beside the database's", None, found[1] / max(r["ops"], 1), "", syncs)


SUITES = {f.__name__: f for f in (idle, counts, push, refs, clone, large, pages, jobs, claims)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    size = parser.add_mutually_exclusive_group(required=True)
    size.add_argument("--quick", action="store_true", help="few rounds: is everything in its place?")
    size.add_argument("--full", action="store_true", help="figures to quote")
    parser.add_argument("--hearth", required=True)
    parser.add_argument("--load", required=True)
    parser.add_argument("--suite", default=",".join(SUITES))
    parser.add_argument("--out", help="all rows as JSON")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="hearth-bench."))
    folder.chmod(0o755)
    bench = None
    failed = False
    start = time.time()
    try:
        bench = Bench(options, folder)
        bench.open()
        for name in options.suite.split(","):
            say(f"== {name}")
            try:
                SUITES[name](bench)
            except (RuntimeError, subprocess.TimeoutExpired) as error:
                failed = True
                say(f"  ! {name} stopped: {error}")
    finally:
        if bench:
            bench.stop()
        if os.environ.get("KEEP"):
            say(f"kept {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{'':52} {'unit':6} {'plain':>8} {'hearth':>8} {'ratio':>7}  target")
    for r in ROWS:
        print(line_of(r))
    print(f"{len(ROWS)} rows in {time.time() - start:.0f} s; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs")
    if options.out:
        Path(options.out).write_text(json.dumps(ROWS, indent=1))
    return 1 if failed else 0


if __name__ == "__main__":
    os.environ.update(GIT_ENV)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    sys.exit(main())
