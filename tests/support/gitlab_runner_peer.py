#!/usr/bin/env python3
"""Says to a forge what an unmodified GitLab Runner says, byte for byte where it matters.

usage: gitlab_runner_peer.py URL TOKEN [15 | 19] until JOB

Its words were recorded from gitlab-runner 15.11.0 with the shell executor (register, run,
unregister): the order of calls, headers, chunked uploads, the form of ranges, heartbeats.
"19" adds what newer ones send besides: tokens in headers, more features, a first report
"running". No script is run; the name of a job says how it ends:
    build  uploads out/a.txt    test   fetches it and the sources    soft  exit code 42
    slow   time-out             long   heartbeats until it is cancelled
It claims until it has ended the job that is named last, then leaves. What the real one
would not take (a wrong kind of value, a wrong type of content) ends it with an error.
"""
import http.client
import io
import json
import subprocess
import sys
import tempfile
import time
import urllib.parse
import zipfile
import zlib

URL, TOKEN, DIALECT, LAST = sys.argv[1].rstrip("/"), sys.argv[2], sys.argv[3], sys.argv[5]
HOST = urllib.parse.urlparse(URL).netloc
VERSION = {"15": "15.11.0", "19": "19.4.0"}[DIALECT]
SYSTEM_ID = "s_1746f8786189"
FEATURES = {
    name: name not in ("image", "services", "proxy", "service_variables", "service_multiple_aliases")
    for name in """variables image services artifacts cache fallback_cache_keys shared
        upload_multiple_artifacts upload_raw_artifacts session terminal refspecs masking proxy
        raw_variables artifacts_exclude multi_build_steps trace_reset trace_checksum trace_size
        vault_secrets cancelable return_exit_code service_variables
        service_multiple_aliases""".split()
}
if DIALECT == "19":
    FEATURES |= {"cancel_gracefully": True, "two_phase_job_commit": True, "job_inputs": True}
INFO = {
    "name": "gitlab-runner", "version": VERSION, "revision": "HEAD", "platform": "linux",
    "architecture": "amd64", "executor": "shell", "shell": "bash", "features": FEATURES,
    "config": {"gpus": ""},
}


def call(method, path, body=b"", headers=None, chunked=False):
    """One request; the answer with lower-case headers."""
    headers = {
        "User-Agent": "gitlab-runner %s (HEAD; go1.26.8; linux/amd64)" % VERSION,
        "Accept-Encoding": "gzip", **(headers or {}),
    }
    if DIALECT == "19":
        headers["X-Request-Id"] = "0123456789abcdef0123456789abcdef"
    connection = http.client.HTTPConnection(HOST, timeout=120)
    if chunked:
        connection.request(method, "/api/v4" + path, iter([body[:70], body[70:]]), headers,
                           encode_chunked=False)
    else:
        connection.request(method, "/api/v4" + path, body, headers)
    answer = connection.getresponse()
    answer.data = answer.read()
    print(method, path, answer.status, answer.getheader("Job-Status") or "", flush=True)
    return answer


def expect(answer, status):
    if answer.status != status:
        sys.exit("expected %d, got %d: %r" % (status, answer.status, answer.data))
    return answer


def as_runner(method, path, fields, wants_json=False):
    headers = {"Content-Type": "application/json"}
    if wants_json:
        headers["Accept"] = "application/json"
    if DIALECT == "19":
        headers["RUNNER-TOKEN"] = TOKEN
    return call(method, path, json.dumps(fields).encode(), headers)


def decoded(answer, kinds):
    """What Go's decoder would take: JSON by its type, and each field of its kind."""
    if answer.getheader("Content-Type") != "application/json":
        sys.exit("not JSON: %r" % answer.getheader("Content-Type"))
    data = json.loads(answer.data)
    for path, kind in kinds.items():
        value = data
        for word in path.split("."):
            value = value[word]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            sys.exit("%s is %r" % (path, value))
    return data


JOB_KINDS = {
    "id": int, "token": str, "allow_git_fetch": bool, "job_info.name": str,
    "job_info.stage": str, "job_info.project_id": int, "job_info.project_name": str,
    "job_info.time_in_queue_seconds": (int, float),
    "job_info.project_jobs_running_on_instance_runners_count": str, "git_info.repo_url": str,
    "git_info.ref": str, "git_info.sha": str, "git_info.refspecs": list, "git_info.depth": int,
    "runner_info.timeout": int, "variables": list, "steps": list, "artifacts": list,
    "cache": list, "dependencies": list, "features.trace_sections": bool,
    "features.failure_reasons": list,
}


class Job:
    def __init__(self, data):
        self.data = data
        self.id, self.token = data["id"], data["token"]
        self.name = data["job_info"]["name"]
        self.trace = b""
        self.sent = 0
        self.status = "running"

    def log(self, text):
        self.trace += text.encode()

    def headers(self, **more):
        return {"JOB-TOKEN": self.token, **{k.replace("_", "-"): v for k, v in more.items()}}

    def patch(self):
        body = self.trace[self.sent:]
        if not body:
            return
        answer = expect(call("PATCH", "/jobs/%d/trace?debug_trace=false" % self.id, body,
                             self.headers(Content_Type="text/plain", Content_Range="%d-%d" % (
                                 self.sent, self.sent + len(body) - 1))), 202)
        self.sent += len(body)
        if answer.getheader("Range") != "0-%d" % self.sent:
            sys.exit("Range: %s" % answer.getheader("Range"))
        if int(answer.getheader("X-GitLab-Trace-Update-Interval")) <= 0:
            sys.exit("no interval")
        self.status = answer.getheader("Job-Status")

    def put(self, state, **fields):
        checksum = "crc32:%08x" % zlib.crc32(self.trace)
        headers = {"Content-Type": "application/json"}
        if DIALECT == "19":
            headers["JOB-TOKEN"] = self.token
        answer = expect(call("PUT", "/jobs/%d" % self.id, json.dumps({
            "info": INFO, "token": self.token, "state": state, "checksum": checksum,
            "output": {"checksum": checksum, "bytesize": len(self.trace)}, **fields,
        }).encode(), headers), 200)
        self.status = answer.getheader("Job-Status") or self.status

    def get_sources(self, folder):
        """As the shell executor does it, word for word."""
        info = self.data["git_info"]
        git = ["git", "-C", folder]
        subprocess.run(["git", "init", "-q", folder], check=True)
        subprocess.run(git + ["remote", "add", "origin", info["repo_url"]], check=True)
        subprocess.run(git + ["fetch", "origin", "--no-recurse-submodules", *info["refspecs"],
                              "--depth", str(info["depth"]), "--prune", "--quiet"], check=True)
        subprocess.run(git + ["checkout", "-f", "-q", info["sha"]], check=True)

    def upload(self, wanted, name, text):
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            archive.writestr(name, text)
        query = {"artifact_format": wanted["artifact_format"],
                 "artifact_type": wanted["artifact_type"]}
        if wanted.get("expire_in"):
            query["expire_in"] = wanted["expire_in"]
        edge = "8239e965c3a05d64605de9fdf0202ad2f5e29cdd10d8c09d5f6d67fdebd0"
        part = ('--%s\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n'
                "Content-Type: application/octet-stream\r\n\r\n" % (edge, "artifacts.zip"))
        body = part.encode() + data.getvalue() + ("\r\n--%s--\r\n" % edge).encode()
        expect(call("POST", "/jobs/%d/artifacts?%s" % (self.id, urllib.parse.urlencode(query)),
                    body, self.headers(Content_Type="multipart/form-data; boundary=" + edge),
                    chunked=True), 201)

    def download(self, dependency):
        answer = expect(call("GET", "/jobs/%d/artifacts?direct_download=true" % dependency["id"],
                             headers={"JOB-TOKEN": dependency["token"]}), 200)
        return zipfile.ZipFile(io.BytesIO(answer.data))

    def run(self):
        if DIALECT == "19":
            self.put("running")
        self.log("\x1b[0KRunning with gitlab-runner %s (HEAD)\x1b[0;m\n"
                 "section_start:1795561858:step_script\r\x1b[0K\n" % VERSION)
        with tempfile.TemporaryDirectory() as folder:
            self.get_sources(folder)
        end = getattr(self, "run_" + self.name, lambda: {})()
        self.log("section_end:1795561860:step_script\r\x1b[0K\x1b[0;m\n")
        self.patch()
        self.put("failed" if end else "success", **end)

    def run_build(self):
        values = {v["key"]: v for v in self.data["variables"]}
        if not values["PASSWORD"]["masked"] or not values["KEYFILE"]["file"]:
            sys.exit("variables lost what they are")
        self.log("pw=[MASKED]\n" + values["KEYFILE"]["value"] + "\nafter success\n")
        self.upload(self.data["artifacts"][0], "out/a.txt", "built\n")
        return {}

    def run_test(self):
        for dependency in self.data["dependencies"]:
            self.log(self.download(dependency).read("out/a.txt").decode())
        self.patch()
        self.log("tick 4\n")
        return {}

    def run_soft(self):
        return {"failure_reason": "script_failure", "exit_code": 42}

    def run_slow(self):
        return {"failure_reason": "job_execution_timeout"}

    def run_long(self):
        self.log("begun\n")
        self.patch()
        deadline = time.monotonic() + 120
        while self.status == "running":
            if time.monotonic() > deadline:
                sys.exit("nobody cancelled the job")
            time.sleep(0.5)
            self.put("running")
        self.log("ERROR: Job failed: canceled\n")
        return {"failure_reason": "unknown_failure"}


def main():
    decoded(expect(as_runner("POST", "/runners/verify",
                             {"token": TOKEN, "system_id": SYSTEM_ID}, True), 200),
            {"id": int, "token": str})
    deadline = time.monotonic() + 120
    last_update = ""
    while time.monotonic() < deadline:
        fields = {"info": INFO, "token": TOKEN, "system_id": SYSTEM_ID}
        if last_update:
            fields["last_update"] = last_update
        answer = as_runner("POST", "/jobs/request", fields, True)
        last_update = answer.getheader("X-GitLab-Last-Update") or ""
        if answer.status == 204:
            continue
        job = Job(decoded(expect(answer, 201), JOB_KINDS))
        job.run()
        if job.name == LAST:
            break
    else:
        sys.exit("the job %s never came" % LAST)
    if DIALECT == "19":
        expect(as_runner("DELETE", "/runners/managers",
                         {"token": TOKEN, "system_id": SYSTEM_ID}), 204)
    else:
        expect(as_runner("DELETE", "/runners", {"token": TOKEN}), 204)


main()
