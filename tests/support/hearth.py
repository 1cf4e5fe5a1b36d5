"""Instances, people and browsers for the tests in Python (tests/browser/*_test.py).

    #!/usr/bin/python3            Debian's own, which has selenium
    import pathlib, sys
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
    from hearth import Run

    with Run(__file__) as run:
        instance = run.instance()
        instance.user("alice")
        instance.project("alice/site", owner="alice")
        instance.push("alice", "alice/site", {"README.md": "# Site\n"})
        browser = run.browser(width=390, dark=True)
        browser.get(instance.url + "/alice/site")
        run.ok("the README is shown", "Site" in browser.page_source)

An instance is started by `hearth up` on a copy of the migrated template database of
the run's cluster (tests/support/with-postgres). At the end everything is stopped and removed and
"N passed, N failed" printed.
"""
import os
import pathlib
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("HEARTH_BINARY", str(ROOT / "build" / "hearth"))
RUNNER = os.environ.get("HEARTH_RUNNER_BINARY", str(ROOT / "build/hearth-runner"))
READY_SECONDS = 60
STOP_SECONDS = 60


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def git_environment(folder):
    """git without anybody's settings."""
    config = pathlib.Path(folder) / "gitconfig"
    if not config.exists():
        config.write_text("[init]\n\tdefaultBranch = main\n[gc]\n\tauto = 0\n")
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": str(config),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": "Ann",
        "GIT_AUTHOR_EMAIL": "ann@example.org",
        "GIT_COMMITTER_NAME": "Ann",
        "GIT_COMMITTER_EMAIL": "ann@example.org",
    }


class Instance:
    """A running Hearth: url, ssh ("host:port"), data, admin_password."""

    def __init__(self, folder, settings=None):
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        self.http = f"127.0.0.1:{free_port()}"
        self.ssh = f"127.0.0.1:{free_port()}"
        self.url = f"http://{self.http}"
        self.settings = dict(settings or {})
        self.log = self.folder / "up.log"
        self.passwords = {}
        self.tokens = {}
        self.process = None
        self.runners = []
        self.database = "test_" + secrets.token_hex(8)
        cluster = os.environ.get("HEARTH_TEST_POSTGRES")
        if not cluster:
            sys.exit("there is no database: run this by tests/support/with-postgres")
        subprocess.run([ROOT / "tests/support/make-database", self.database], check=True,
                       stdout=subprocess.DEVNULL)
        self.conninfo = f"{cluster} dbname={self.database}"
        self.start()

    def start(self):
        environment = dict(os.environ, HEARTH_DATABASE_URL=self.conninfo)
        environment.pop("HEARTH_DATA", None)
        environment.pop("XDG_RUNTIME_DIR", None)
        for key, value in self.settings.items():
            environment["HEARTH_" + key.upper()] = value
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "up", "--data", self.data, "--http", self.http, "--ssh", self.ssh,
                 "--no-runner"],
                stdout=log, stderr=subprocess.STDOUT, env=environment, start_new_session=True)
        until = time.monotonic() + READY_SECONDS
        while "Hearth is ready" not in self.log.read_text(errors="replace"):
            if self.process.poll() is not None or time.monotonic() > until:
                sys.exit("the instance is not ready:\n" + self.log.read_text(errors="replace"))
            time.sleep(0.05)
        found = re.search(r"Sign in as root with the password (\S+)",
                          self.log.read_text(errors="replace"))
        if found:
            self.passwords["root"] = found.group(1)

    def stop(self):
        for runner in self.runners:
            runner.send_signal(signal.SIGTERM)
        for runner in self.runners:
            try:
                runner.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                runner.kill()
        self.runners = []
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process = None

    def remove(self):
        self.stop()
        cluster = os.environ["HEARTH_TEST_POSTGRES"]
        subprocess.run(["psql", "-q", f"{cluster} dbname=postgres", "-c",
                        f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)"],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        run = pathlib.Path(self.data) / "run"
        if run.is_symlink():
            shutil.rmtree(run.readlink(), ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def cli(self, *words):
        """Runs `hearth WORDS --data ...`; its standard output without the last newline."""
        environment = dict(os.environ, HEARTH_DATABASE_URL=self.conninfo)
        done = subprocess.run([PROGRAM, *words, "--data", self.data], env=environment,
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"hearth {' '.join(map(str, words))}: {done.stderr}")
        return done.stdout.rstrip("\n")

    def user(self, name, admin=False, full_name=None):
        """Makes an account with a password and a token; passwords[name], tokens[name]."""
        password = f"{name}-password-1"
        path = self.folder / f"{name}.password"
        path.write_text(password + "\n")
        path.chmod(0o644)
        self.cli("user", "add", name, "--email", f"{name}@example.org", "--password-file", path,
                 *(["--name", full_name] if full_name else []),
                 *(["--admin"] if admin else []))
        self.passwords[name] = password
        self.tokens[name] = self.cli("token", "create", name, "--name", "test", "--scopes",
                                     "api,write_repository")

    def project(self, path, owner, visibility="private"):
        self.cli("project", "create", path, "--owner", owner, "--visibility", visibility)

    def runner(self, token=None):
        """A registered runner that waits for jobs; of this token, or of a new one for all projects."""
        if not token:
            token = self.cli("runner", "create", "--description", "host of the tests")
        work = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        work.chmod(0o755)
        config = work / "runner.conf"
        executor = "shell" if os.getuid() == 0 else "bubblewrap"
        subprocess.run([RUNNER, "register", "--config", config, "--url", self.url, "--token", token,
                        "--executor", executor], check=True, stdout=subprocess.DEVNULL)
        with open(config, "a") as more:
            more.write(f"[global]\nconcurrent = 2\ncheck_interval = 1s\nbuilds_dir = {work}/builds\n"
                       "kill_grace = 2s\n")
        with open(work / "log", "ab") as log:
            self.runners.append(subprocess.Popen([RUNNER, "run", "--config", config], stdout=log,
                                                 stderr=subprocess.STDOUT))

    def git(self, *words, cwd=None):
        return subprocess.run(["git", *map(str, words)], cwd=cwd, env=git_environment(self.folder),
                              check=True, capture_output=True, text=True)

    def remote(self, user, path):
        return f"http://{user}:{self.tokens[user]}@{self.http}/{path}.git"

    def push(self, user, path, files, branch="main", message="add files"):
        """Commits files (name -> text or bytes) on top of what the branch has, and pushes."""
        work = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        remote = self.remote(user, path)
        self.git("init", "-q", work)
        has = self.git("ls-remote", remote, f"refs/heads/{branch}").stdout.strip()
        if has:
            self.git("fetch", "-q", remote, branch, cwd=work)
            self.git("checkout", "-q", "-B", branch, "FETCH_HEAD", cwd=work)
        else:
            self.git("symbolic-ref", "HEAD", f"refs/heads/{branch}", cwd=work)
        for name, content in files.items():
            at = work / name
            at.parent.mkdir(parents=True, exist_ok=True)
            at.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.git("add", "-A", cwd=work)
        self.git("commit", "-q", "-m", message, cwd=work)
        done = self.git("push", remote, f"HEAD:refs/heads/{branch}", cwd=work)
        shutil.rmtree(work, ignore_errors=True)
        return done.stderr


class Run:
    """One test program: counts, and cleans up whatever happened."""

    def __init__(self, file):
        self.name = pathlib.Path(file).stem
        self.passed = 0
        self.failed = 0
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hearth-test."))
        self.folder.chmod(0o755)
        os.environ["TMPDIR"] = str(self.folder)  # Chromium leaves things behind
        self.instances = []
        self.browsers = []

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        return self

    def __exit__(self, kind, error, trace):
        if error is not None and not isinstance(error, KeyboardInterrupt):
            self.failed += 1
            print(f"FAILED  {self.name}: {kind.__name__}: {error}")
            if not isinstance(error, SystemExit):
                traceback.print_tb(trace)
        for browser in self.browsers:
            try:
                browser.quit()
            except Exception:  # the browser may be gone already
                pass
        for instance in self.instances:
            instance.remove()
        if os.environ.get("KEEP"):
            print("kept", self.folder)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
        print(f"{self.passed} passed, {self.failed} failed")
        sys.stdout.flush()
        os._exit(1 if self.failed else 0)

    def instance(self, **settings):
        """A running instance; settings as keyword arguments (external_url="...")."""
        folder = self.folder / f"instance{len(self.instances)}"
        folder.mkdir(mode=0o755)
        made = Instance(folder, settings)
        self.instances.append(made)
        return made

    def browser(self, width=1440, height=900, dark=False, language="en", javascript=True):
        """Headless Chromium. Implicit waits are off: use `wait`."""
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service

        options = webdriver.ChromeOptions()
        profile = tempfile.mkdtemp(dir=self.folder)
        for word in ("--headless=new", "--no-sandbox", "--disable-gpu",
                     "--disable-dev-shm-usage", "--no-first-run", f"--user-data-dir={profile}",
                     f"--window-size={width},{height}", f"--lang={language}"):
            options.add_argument(word)
        if dark:
            options.add_argument("--force-dark-mode")
        preferences = {"intl.accept_languages": language}
        if not javascript:
            preferences["profile.managed_default_content_settings.javascript"] = 2
        options.add_experimental_option("prefs", preferences)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        browser = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        # A window is never narrower than 500 pixels; the page is, by emulation.
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})
        self.browsers.append(browser)
        return browser

    def ok(self, sentence, condition, detail=""):
        if condition:
            self.passed += 1
            if os.environ.get("VERBOSE"):
                print(f"ok      {sentence}")
        else:
            self.failed += 1
            print(f"FAILED  {self.name}: {sentence} {detail}")
        return bool(condition)

    def equal(self, sentence, expected, actual):
        return self.ok(sentence, expected == actual, f"(expected {expected!r}, got {actual!r})")


def wait(condition, seconds=10):
    """Until condition() is true; its value, or False."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            value = condition()
            if value:
                return value
        except Exception:  # an element that is not there yet
            pass
        time.sleep(0.05)
    return False
