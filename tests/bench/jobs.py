"""How soon a push runs, and how quickly a long queue is handed out.

jobs: from a push, and from the end of its report-status, to the first line of the script, as everybody can
read it. Beside it a plain post-receive hook that checks the commit out and runs its script: no
queue, no runner, no log that anybody could follow; its report-status comes after the hook.

claims: POST /jobs/request while 20,000 jobs wait. Beside it the queue of the textbooks in the
same PostgreSQL: one table, one UPDATE ... SKIP LOCKED, no tags, rights, pipelines or payload.
"""
import http.client
import json
import re
import threading
import time
import urllib.parse

from report import row, say
from seed import Chain, git_out
from servers import run

SCRIPT = "printf 'first line\\n%0400d\\n' 0"  # the zeros: a log's last bytes are held back until the job is over
WAIT_SECONDS = 60
CLAIM_TAG = "bench-claims"  # the local runner does not have it
JOBS_IN_PIPELINE = 100


class Api:
    """One kept-alive connection to Hearth."""

    def __init__(self, hearth):
        at = urllib.parse.urlsplit(hearth.http)
        self.basic = hearth.basic
        self.headers = {"PRIVATE-TOKEN": hearth.token}
        self.connection = http.client.HTTPConnection(at.hostname, at.port, timeout=300)

    def ask(self, method, path, body=None, headers=None):
        self.connection.request(method, path, body, headers or self.headers)
        answer = self.connection.getresponse()
        data = answer.read()
        if answer.status >= 300 or answer.status < 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {data[:300]}")
        return data

    def get(self, path):
        return json.loads(self.ask("GET", "/api/v4" + path))

    def post(self, path, value):
        return json.loads(self.ask("POST", "/api/v4" + path, json.dumps(value),
                                   {**self.headers, "Content-Type": "application/json"}))


def within(what, look):
    """What `look` finds, asked again and again; each look must be cheap."""
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.002)
    raise RuntimeError(f"not within {WAIT_SECONDS} s: {what}")


def quantile(values, q):
    return sorted(values)[int((len(values) - 1) * q + 0.5)]


def make_project_seed(path, files):
    """A bare repository with these files on main."""
    run("git", "init", "-q", "--bare", "-b", "main", path)
    out = "commit refs/heads/main\ncommitter Bench <bench@example.org> 1700000000 +0000\ndata 5\nstart\n"
    for name, text in files.items():
        out += f"M 100644 inline {name}\ndata {len(text)}\n{text}\n"
    run("git", "-C", path, "fast-import", "--quiet", input=out.encode())
    return path


# --- from push to the first line

def push_bytes(connection, repo_path, headers, body):
    """The moments at which the request was sent and at which report-status had been read."""
    start = time.monotonic()
    connection.request("POST", f"{repo_path}/git-receive-pack", body,
                       {**headers, "Content-Type": "application/x-git-receive-pack-request"})
    answer = connection.getresponse()
    data = answer.read()
    if answer.status != 200 or b"unpack ok" not in data:
        raise RuntimeError(f"push: {answer.status} {data[:300]}")
    return start, time.monotonic()


def hearth_first_line(api, repo, commit, body):
    place = urllib.parse.quote(repo, safe="")
    sent, reported = push_bytes(api.connection, f"/{repo}.git", {"Authorization": f"Basic {api.basic}"}, body)
    pipeline = api.get(f"/projects/{place}/pipelines?sha={commit}")[0]["id"]
    job = api.get(f"/projects/{place}/pipelines/{pipeline}/jobs")[0]["id"]
    path = f"/api/v4/projects/{place}/jobs/{job}/trace"
    within("the script's first line", lambda: re.search(rb"^first line", api.ask("GET", path), re.M))
    seen = time.monotonic()
    within("the end of the job", lambda: api.get(f"/projects/{place}/jobs/{job}")["status"] == "success")
    return (seen - sent) * 1e3, (seen - reported) * 1e3


def plain_first_line(plain, repo, body):
    at = urllib.parse.urlsplit(plain.http_url(repo))
    trace = plain.repos / f"{repo}.git" / "trace"
    trace.unlink(missing_ok=True)
    seen = []
    watcher = threading.Thread(target=lambda: seen.append(within(
        "the hook's first line", lambda: trace.exists() and b"first line" in trace.read_bytes() and time.monotonic())))
    watcher.start()
    connection = http.client.HTTPConnection(at.hostname, at.port, timeout=300)
    sent, _ = push_bytes(connection, at.path, {}, body)  # its answer ends after the hook
    watcher.join()
    return (seen[0] - sent) * 1e3


def set_hook(plain, repo):
    hook = plain.repos / f"{repo}.git" / "hooks" / "post-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nread old new ref\nplace=$(mktemp -d)\n"
                    "git --work-tree=$place checkout -q -f $new -- . && (cd $place && sh -e ./run) >>trace 2>&1\n"
                    "rm -rf $place\n")
    hook.chmod(0o755)


def jobs(b):
    folder = b.subfolder()
    seed = make_project_seed(folder / "seed.git", {
        ".gitlab-ci.yml": f"test:\n  script:\n    - {json.dumps(SCRIPT)}\n", "run": SCRIPT + "\n"})
    chain = Chain(seed, 40 if b.full else 12, folder)
    repo = b.create(seed)
    set_hook(b.plain, repo)
    api = Api(b.hearth)
    plain, whole, reported = [], [], []
    for commit, path in zip(chain.commits, chain.bodies("main")):
        body = path.read_bytes()
        plain.append(plain_first_line(b.plain, repo, body))
        for to, value in zip((whole, reported), hearth_first_line(api, repo, commit, body)):
            to.append(value)
    waited = b.hearth.sql("SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM started_at - queued_at))\n"
                          f"FROM job WHERE project_id = (SELECT max(project_id) FROM job)")
    for times in (plain, whole, reported):
        del times[:2]  # the first ones find nothing warm
    row("push -> script's first line (plain: a hook)", plain, whole, "ms")
    row("job pending -> claimed: p50", None, float(waited) * 1e3, "ms")
    row("report-status -> script's first line: p50", None, reported, "ms", 100)
    row("report-status -> script's first line: p99", None, quantile(reported, 0.99), "ms", 500)


# --- a long queue

def fill_queue(b, api, pipelines, projects):
    """Real pipelines, made by the API: their jobs wait for a runner with the tag."""
    job = 'stage: build\n  tags: [%s]\n  variables: {PART: "%d"}\n  script:\n    - ./configure --part $PART\n    - make\n'
    text = "stages: [build]\nworkflow:\n  auto_cancel:\n    on_new_commit: none\n" + "".join(
        f"part {i}:\n  " + job % (CLAIM_TAG, i) for i in range(JOBS_IN_PIPELINE))
    seed = make_project_seed(b.subfolder() / "seed.git", {".gitlab-ci.yml": text})
    repos = [f"bench/queue{i}" for i in range(projects)]
    for repo in repos:
        b.hearth.create(repo, seed)
    for i in range(pipelines - projects):
        api.post(f"/projects/{urllib.parse.quote(repos[i % projects], safe='')}/pipeline", {"ref": "main"})


def textbook_queue(b, waiting, claims_wanted):
    """CPU milliseconds of PostgreSQL a claim, and its p99; by pgbench."""
    hearth, folder = b.hearth, b.subfolder()
    (folder / "claim.sql").write_text(
        "UPDATE textbook.job SET status = 'running', started_at = now() WHERE id = (SELECT id FROM textbook.job\n"
        "WHERE status = 'pending' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id, payload;\n")
    folder.chmod(0o777)
    hearth.sql("DROP SCHEMA IF EXISTS textbook CASCADE; CREATE SCHEMA textbook;"
               "CREATE TABLE textbook.job (id bigint PRIMARY KEY, status text, started_at timestamptz, payload text);"
               f"INSERT INTO textbook.job SELECT i, 'pending', NULL, repeat('x', 500) FROM generate_series(1, {waiting}) i;"
               "CREATE INDEX ON textbook.job (id) WHERE status = 'pending'; ANALYZE textbook.job;")
    before = hearth.group.cpu()
    hearth.as_owner("pgbench", "-n", "-c", "8", "-t", claims_wanted // 8, "-f", folder / "claim.sql", "-l",
                    "--log-prefix", folder / "times", cwd=folder)
    cpu = (hearth.group.cpu() - before) / claims_wanted * 1e3
    return cpu, quantile([int(line.split()[2]) / 1e3 for log in folder.glob("times*")
                          for line in log.read_text().splitlines()], 0.99)


def claims(b):
    waiting, part, rounds = (20000, 800, 5) if b.full else (20000, 400, 3)
    api = Api(b.hearth)
    fill_queue(b, api, waiting // JOBS_IN_PIPELINE, 20)
    token = b.hearth.cli("runner", "create", "--tags", CLAIM_TAG)
    body = b.folder / "claim"
    body.write_text(json.dumps({"token": token, "system_id": "r_bench"}))
    url = f"http://127.0.0.1:{urllib.parse.urlsplit(b.hearth.http).port}/api/v4/jobs/request"
    cpu, p99, plain_cpu, plain_p99, alone = [], [], [], [], []
    for _ in range(rounds):
        r = b.load(b.hearth, "claim", url, clients=8, count=part, bodies=[body], keep=True)
        cpu.append(r["cpu"] / r["ops"] * 1e3)
        p99.append(r["p99"])
        alone.append(b.load(b.hearth, "claim", url, clients=1, count=100, bodies=[body], keep=True)["p50"])
        for to, value in zip((plain_cpu, plain_p99), textbook_queue(b, waiting, part)):
            to.append(value)
    left = b.hearth.sql("SELECT count(*) FROM job WHERE status = 'pending'")
    say(f"  {left} jobs still wait")
    row("claim, 20,000 waiting (plain: one bare table): CPU", plain_cpu, cpu, "ms")
    row("claim, 20,000 waiting: p99 of 8 clients", plain_p99, p99, "ms")
    row("claim, 20,000 waiting: p50 of one client", None, alone, "ms")
    row("claims a second on one core (1 / CPU)", None, [1e3 / c for c in cpu], "op/s", 1000, True)
    row("claim: p99 of 8 clients", None, p99, "ms", 50)
