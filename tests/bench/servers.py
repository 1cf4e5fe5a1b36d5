"""The servers that are measured: Hearth, and beside it the plain ones that check nothing.

Everything listens on 127.0.0.1, lies in one temporary folder and is stopped by
its own process id. Needs root (sshd, and users for the others), and the Debian
packages nginx-light, fcgiwrap, openssh-server and, for pages, cgit.
"""
import base64
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

IDENTITY = {f"GIT_{w}_{k}": v for w in ("AUTHOR", "COMMITTER")
            for k, v in (("NAME", "Bench"), ("EMAIL", "bench@example.org"))}
GIT_ENV = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_TERMINAL_PROMPT": "0",
           "LC_ALL": "C.UTF-8", **IDENTITY}
PLAIN_USER = "hearth-bench"  # made for the run: sshd starts the account's login shell, which must be git-shell


def run(*argv, env=None, check=True, **more):
    done = subprocess.run([str(a) for a in argv], env={**os.environ, **GIT_ENV, **(env or {})},
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(map(str, argv))[:200]}: status {done.returncode}: "
                           f"{done.stderr.decode(errors='replace')[-800:]}")
    return done


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for_port(port, seconds=15):
    end = time.time() + seconds
    while time.time() < end:
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"nothing listens on port {port}")


class Group:
    """A control group of our own: counts the CPU time of a server and all it ever started."""

    def __init__(self, name):
        self.folder = self.counter = None
        for root, counter in (("/sys/fs/cgroup/cpuacct", "cpuacct.usage"), ("/sys/fs/cgroup", "cpu.stat")):
            folder = Path(root) / f"hearth-bench-{os.getpid()}-{name}"
            try:
                folder.mkdir()
            except OSError:
                continue
            if (folder / counter).exists():
                self.folder, self.counter = folder, folder / counter
                return
            folder.rmdir()
        raise RuntimeError("no control group can be made: CPU time cannot be counted (run as root)")

    def enter(self):
        (self.folder / "cgroup.procs").write_text(str(os.getpid()))

    def pids(self):
        return [int(p) for p in (self.folder / "cgroup.procs").read_text().split()]

    def cpu(self):
        text = self.counter.read_text()
        if self.counter.name == "cpuacct.usage":
            return int(text) / 1e9
        return int(dict(line.split() for line in text.splitlines())["usage_usec"]) / 1e6

    def pss(self, leave_out=()):
        """MB, shared pages divided among their users."""
        total = 0
        for pid in self.pids():
            try:
                name = Path(f"/proc/{pid}/comm").read_text().strip()
                if name in leave_out:
                    continue
                for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                    if line.startswith("Pss:"):
                        total += int(line.split()[1])
            except OSError:
                continue
        return total / 1024

    def close(self):
        for _ in range(100):
            try:
                self.folder.rmdir()
                return
            except OSError:
                for pid in self.pids():
                    os.kill(pid, signal.SIGKILL)
                time.sleep(0.05)


class Server:
    """One participant: its name, addresses and processes."""
    http = ssh = key = None
    basic = ""

    def __init__(self, name, folder):
        self.name = name
        self.folder = Path(folder) / name
        self.folder.mkdir()
        self.folder.chmod(0o755)
        self.group = Group(name)
        self.processes = []

    def start(self, argv, env=None):
        log = open(self.folder / "log", "ab")
        process = subprocess.Popen([str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   env={"PATH": os.environ["PATH"], **(env or {})}, cwd="/",
                                   preexec_fn=self.group.enter, start_new_session=True)
        self.processes.append(process)
        return process

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
        for process in reversed(self.processes):
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
        self.group.close()

    def git_env(self):
        if not self.key:
            return {}
        return {"GIT_SSH_COMMAND": f"ssh -F none -i {self.key} -o IdentitiesOnly=yes -o IdentityAgent=none "
                                   "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"}

    def http_url(self, repo, with_password=False):
        url = self.http.replace("{repo}", repo)
        return url.replace("://", f"://{base64.b64decode(self.basic).decode()}@") \
            if with_password and self.basic else url

    def ssh_url(self, repo):
        return self.ssh.replace("{repo}", repo)


class Plain(Server):
    """git itself: http-backend behind nginx and fcgiwrap, sshd with git-shell, cgit. No accounts, no policy."""

    def __init__(self, folder):
        super().__init__("plain", folder)
        self.pages = {}

    def open(self):
        shell = shutil.which("git-shell") or "/usr/lib/git-core/git-shell"
        run("userdel", PLAIN_USER, check=False)  # of a run that was killed
        run("useradd", "--system", "--user-group", "--no-create-home", "--home-dir", self.folder, "--shell", shell,
            "--password", "*", PLAIN_USER)
        self.repos = self.folder / "repos"
        self.repos.mkdir()
        self.owner = pwd.getpwnam(PLAIN_USER)
        self.give()
        self.start_http()
        self.start_ssh()

    def stop(self):
        super().stop()
        run("userdel", PLAIN_USER, check=False)

    def give(self):
        run("chown", "-R", f"{self.owner.pw_uid}:{self.owner.pw_gid}", self.repos)

    def create(self, repo, source=None):
        """As git serves it fastest: packed, with bitmap and commit-graph, if the source has them."""
        path = self.repos / f"{repo}.git"
        if source:
            shutil.copytree(source, path)
        else:
            run("git", "init", "-q", "--bare", path)
        run("git", "-C", path, "config", "http.receivepack", "true")
        self.give()

    def start_http(self):
        port, sock = free_port(), self.folder / "run" / "fcgi.sock"
        run("install", "-d", "-o", PLAIN_USER, self.folder / "run")
        backend = Path(run("git", "--exec-path").stdout.decode().strip()) / "git-http-backend"
        cgit = Path("/usr/lib/cgit/cgit.cgi")
        (self.folder / "cgitrc").write_text(f"cache-size=0\nvirtual-root=/cgit/\nenable-index-owner=0\nsnapshots=\n"
                                            f"remove-suffix=1\nscan-path={self.repos}\n")
        common = f"fastcgi_pass unix:{sock}; fastcgi_param QUERY_STRING $query_string; " \
                 "fastcgi_param REQUEST_METHOD $request_method; fastcgi_param GIT_CONFIG_NOSYSTEM 1;"
        (self.folder / "nginx.conf").write_text(f"""
user {PLAIN_USER} {PLAIN_USER}; worker_processes 2; daemon off; pid {self.folder}/nginx.pid; error_log {self.folder}/error.log;
events {{ worker_connections 512; }}
http {{ access_log off; client_max_body_size 0; keepalive_requests 1000000; tcp_nodelay on;
 client_body_temp_path {self.folder}/t1; fastcgi_temp_path {self.folder}/t2; proxy_temp_path {self.folder}/t3;
 uwsgi_temp_path {self.folder}/t4; scgi_temp_path {self.folder}/t5;
 server {{ listen 127.0.0.1:{port} backlog=512;
  location ~ ^/git(/.*)$ {{ {common} fastcgi_param SCRIPT_FILENAME {backend};
   fastcgi_param GIT_PROJECT_ROOT {self.repos}; fastcgi_param GIT_HTTP_EXPORT_ALL 1; fastcgi_param REMOTE_USER bench;
   fastcgi_param PATH_INFO $1; fastcgi_param CONTENT_TYPE $content_type; fastcgi_param CONTENT_LENGTH $content_length;
   fastcgi_param GIT_PROTOCOL $http_git_protocol; fastcgi_param HTTP_CONTENT_ENCODING $http_content_encoding;
   fastcgi_param REMOTE_ADDR $remote_addr; fastcgi_request_buffering off; fastcgi_buffering off; fastcgi_read_timeout 600; }}
  location ~ ^/cgit(/.*)$ {{ {common} fastcgi_param SCRIPT_FILENAME {cgit}; fastcgi_param CGIT_CONFIG {self.folder}/cgitrc;
   fastcgi_param PATH_INFO $1; fastcgi_param HTTP_HOST localhost; }}
 }} }}
""")
        self.start(["setpriv", f"--reuid={self.owner.pw_uid}", f"--regid={self.owner.pw_gid}", "--clear-groups",
                    "fcgiwrap", "-c", "32", "-s", f"unix:{sock}"])
        self.start(["nginx", "-p", self.folder, "-c", self.folder / "nginx.conf"])
        wait_for_port(port)
        self.http = f"http://127.0.0.1:{port}/git/{{repo}}.git"
        if cgit.exists():
            base = f"http://127.0.0.1:{port}/cgit/{{repo}}"
            self.pages = {"home": base + "/", "tree": base + "/tree/?h=main", "blob": base + "/tree/{path}?h=main",
                          "commit": base + "/commit/?id={commit}", "log": base + "/log/?h=main"}
        else:
            self.pages = {}

    def start_ssh(self):
        port = free_port()
        self.key = self.folder / "key"
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key)
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / "host")
        shutil.copy(self.key.with_suffix(".pub"), self.folder / "authorized_keys")
        (self.folder / "sshd.conf").write_text("\n".join([
            f"ListenAddress 127.0.0.1:{port}", f"HostKey {self.folder}/host",
            f"AuthorizedKeysFile {self.folder}/authorized_keys", "StrictModes no", "UsePAM no", f"AllowUsers {PLAIN_USER}",
            "PasswordAuthentication no", "KbdInteractiveAuthentication no", "PidFile none", "AcceptEnv GIT_PROTOCOL",
            "UseDNS no", "MaxStartups 1000", "LogLevel ERROR", "PrintMotd no", "PrintLastLog no"]) + "\n")
        os.makedirs("/run/sshd", exist_ok=True)
        self.start([shutil.which("sshd") or "/usr/sbin/sshd", "-D", "-e", "-f", self.folder / "sshd.conf"])
        wait_for_port(port)
        self.ssh = f"ssh://{PLAIN_USER}@127.0.0.1:{port}{self.repos}/{{repo}}.git"


class Hearth(Server):
    """`hearth up` with everything on: accounts, policy, durability, its own PostgreSQL and Redis."""

    def __init__(self, folder, program):
        super().__init__("hearth", folder)
        self.program = Path(program).resolve()
        self.data = self.folder / "data"

    def open(self):
        http, ssh = free_port(), free_port()
        self.start([self.program, "up", "--data", self.data, "--http", f"127.0.0.1:{http}",
                    "--ssh", f"127.0.0.1:{ssh}"], env={"HEARTH_LOG_LEVEL": "warn"})
        self.wait_ready()
        self.http = f"http://127.0.0.1:{http}/{{repo}}.git"
        self.ssh = f"ssh://git@127.0.0.1:{ssh}/{{repo}}.git"
        base = f"http://127.0.0.1:{http}/{{repo}}"
        self.pages = {"home": base, "tree": base + "/-/tree/main", "blob": base + "/-/blob/main/{path}",
                      "commit": base + "/-/commit/{commit}", "log": base + "/-/commits/main"}
        self.make_user()

    def wait_ready(self):
        end = time.time() + 60
        while time.time() < end and self.processes[0].poll() is None:
            if "Hearth is ready" in (self.folder / "log").read_text(errors="replace"):
                return
            time.sleep(0.1)
        raise RuntimeError("Hearth is not ready: " + (self.folder / "log").read_text(errors="replace")[-2000:])

    def cli(self, *argv):
        return run(self.program, *argv, "--data", self.data).stdout.decode().strip()

    def make_user(self):
        password, self.key = self.folder / "password", self.folder / "key"
        password.write_text("bench-password-1\n")
        password.chmod(0o644)
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "bench", "-f", self.key)
        self.cli("user", "add", "bench", "--email", "bench@example.org", "--password-file", password)
        self.cli("key", "add", "bench", self.key.with_suffix(".pub"))
        self.token = self.cli("token", "create", "bench", "--name", "bench", "--scopes", "api,write_repository")
        self.basic = base64.b64encode(f"bench:{self.token}".encode()).decode()

    def as_owner(self, program, *argv, **more):
        """One of PostgreSQL's programs as the database's owner, outside of the group whose CPU counts."""
        path = self.data / "run"
        tools = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
        return run("setpriv", f"--reuid={self.data.owner()}", f"--regid={self.data.group()}", "--clear-groups",
                   tools[-1], "-h", path, *argv, "hearth", timeout=600, **more)

    def sql(self, text):
        return self.as_owner("psql", "-qtA", "-v", "ON_ERROR_STOP=1", "-c", text).stdout.decode().strip()

    def create(self, repo, source=None):
        self.cli("project", "create", repo, "--owner", "bench", "--visibility", "public")
        if not source:
            return
        # Through the front door, in portions of the most refs one push may have. By patterns:
        # thousands of names on the command line cost git minutes.
        names = run("git", "-C", source, "for-each-ref", "--format=%(refname)").stdout.decode().split()
        patterns = ["refs/heads/main", "refs/heads/raw-*", "refs/heads/git-*"]
        patterns += sorted({name[:len("refs/heads/branch/000")] + "*" for name in names if "/branch/" in name})
        for pattern in patterns:
            run("git", "-C", source, "push", "-q", self.ssh_url(repo), f"{pattern}:{pattern}", env=self.git_env(),
                timeout=900)
        self.tidy()

    def tidy(self):
        """Into the state that housekeeping leaves: refs and objects packed, with bitmap and commit-graph."""
        for path in (self.data / "repositories").glob("*/*.git"):
            if not list(path.glob("objects/pack/*.pack")) or list(path.glob("objects/pack/*.bitmap")):
                continue
            git = ["setpriv", f"--reuid={path.owner()}", f"--regid={path.group()}", "--clear-groups", "git", "-C", path]
            run(*git, "pack-refs", "--all")
            run(*git, "repack", "-adq", "--write-bitmap-index", timeout=1800)
            run(*git, "commit-graph", "write", "--reachable", "--changed-paths", timeout=600)
