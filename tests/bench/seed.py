"""What is pushed and fetched: repositories that are the same each time, and requests made before."""
import random

from servers import run

WAYS = ("raw-HTTP", "raw-SSH", "git-HTTP", "git-SSH")

def make_seed(path, commits, files, branches=1):
    """A bare repository, the same each time: packed, with bitmap and commit-graph."""
    rnd = random.Random(1)
    words = [f"word{i}" for i in range(500)]
    out = []
    for i in range(commits):
        out.append(f"commit refs/heads/main\nmark :{i + 1}\ncommitter Bench <bench@example.org> {1700000000 + i * 60} +0000\n"
                   f"data 9\nchange it\n")
        for _ in range(files if i == 0 else 3):
            name = f"src/{rnd.randrange(20):02d}/file{rnd.randrange(files):05d}.c"
            text = "\n".join(" ".join(rnd.choices(words, k=8)) for _ in range(60)) + "\n"
            out.append(f"M 100644 inline {name}\ndata {len(text)}\n{text}\n")
        if i == 0:
            out.append("M 100644 inline README.md\ndata 16\n# Bench\n\nHello.\n\n")
    # One branch for each way to push, so that one repository serves them all.
    for way in WAYS:
        out.append(f"reset refs/heads/{way}\nfrom :{commits}\n\n")
    for i in range(1, branches):
        out.append(f"reset refs/heads/branch/{i:06d}\nfrom :{1 + i % commits}\n\n")
    run("git", "init", "-q", "--bare", "-b", "main", path)
    run("git", "-C", path, "fast-import", "--quiet", input="".join(out).encode(), timeout=1800)
    run("git", "-C", path, "repack", "-adq", "--write-bitmap-index", timeout=1800)
    run("git", "-C", path, "pack-refs", "--all")
    run("git", "-C", path, "commit-graph", "write", "--reachable", timeout=600)
    return path


def pkt(data):
    return b"%04x" % (len(data) + 4) + data


def git_out(repo, *argv, **more):
    return run("git", "-C", repo, *argv, **more).stdout


class Chain:
    """Further commits on a seed, one new file of 1 KB each, and the requests that push them one by one."""

    def __init__(self, seed, count, folder):
        self.repo = folder / "chain.git"
        run("git", "clone", "-q", "--bare", "--single-branch", "--no-tags", seed, self.repo)
        self.tip = old = git_out(self.repo, "rev-parse", "main").decode().strip()
        rnd = random.Random(7)
        out = []
        for i in range(count):
            text = "".join(rnd.choices("abcdefghijklmnopqrstuvwxyz \n", k=1024))
            start = f"from {self.tip}\n" if i == 0 else ""
            out.append(f"commit refs/heads/chain\ncommitter Bench <bench@example.org> {1800000000 + i} +0000\n"
                       f"data 7\npush it{start and chr(10) + start or chr(10)}M 100644 inline new/{i:05d}.txt\n"
                       f"data 1024\n{text}\n")
        run("git", "-C", self.repo, "fast-import", "--quiet", input="".join(out).encode())
        self.commits = git_out(self.repo, "rev-list", "--reverse", f"{self.tip}..chain").decode().split()
        self.folder = folder
        self.packs = []
        for new in self.commits:
            self.packs.append((old, new, git_out(self.repo, "pack-objects", "--thin", "--revs", "--stdout", "-q",
                                                 "--delta-base-offset", input=f"{new}\n^{old}\n".encode())))
            old = new

    def bodies(self, branch):
        made = []
        for i, (old, new, pack) in enumerate(self.packs):
            body = self.folder / f"{branch}-{i:05d}"
            head = f"{old} {new} refs/heads/{branch}\0 report-status agent=git/2.39.5"
            body.write_bytes(pkt(head.encode()) + b"0000" + pack)
            made.append(body)
        return made


def fetch_request(path, want, depth=None):
    lines = [b"command=fetch", b"agent=git/2.39.5", b"object-format=sha1"]
    arguments = [b"thin-pack", b"no-progress", b"ofs-delta", *([f"deepen {depth}".encode()] if depth else []),
                 f"want {want}\n".encode(), b"done\n"]
    path.write_bytes(b"".join(map(pkt, lines)) + b"0001" + b"".join(map(pkt, arguments)) + b"0000")
    return path
