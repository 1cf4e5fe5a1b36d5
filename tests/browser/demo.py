"""A small world to look at: people, a group, and a project with every kind of file.

demo(instance) takes an Instance of tests/support/hearth.py, or anything that has its
cli, git, user, remote and folder. Dates and texts are fixed, so that pictures can be compared.
"""
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import urllib.request
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from hearth import git_environment, wait  # noqa: E402

PROJECT = "forest/lantern"

README = """# Lantern

A small light for long evenings: firmware, mobile application and the shop around it.

![state of main](docs/state.svg) ![a lamp](docs/lamp.png)

## Quick start

```sh
git clone https://example.org/forest/lantern.git
cd lantern
make && ./lantern --brightness 40
```

| Contour    | Branch      | Who looks         |
|------------|-------------|-------------------|
| testing    | any         | the developer     |
| staging    | `stage`     | testers, customer |
| production | `main`      | everybody         |

- [x] dim slowly instead of at once
- [x] remember the last colour
- [ ] wake with the sun

See [the manual](docs/manual.md) and [how to build](docs/build/README.md).

> The best lamp is the one nobody notices.
"""

LAMP_C = """/*
 * lamp: one light and what it remembers.
 */
#include "lamp.h"

#include <stdio.h>

#define BRIGHTNESS_MAX 100

/* Moves towards the goal, a step at a time, so that eyes can follow. */
int lamp_step(struct lamp *lamp)
{
\tif (lamp->now < lamp->goal)
\t\tlamp->now++;
\telse if (lamp->now > lamp->goal)
\t\tlamp->now--;
\treturn lamp->goal - lamp->now;
}

int lamp_set(struct lamp *lamp, int brightness)
{
\tif (brightness < 0 || brightness > BRIGHTNESS_MAX) {
\t\tfprintf(stderr, "brightness is 0 to %d\\n", BRIGHTNESS_MAX);
\t\treturn -1;
\t}
\tlamp->goal = brightness;
\treturn 0;
}
"""

PIPELINE = """stages: [build, test, deploy]

build:
  stage: build
  script:
    - printf 'section_start:100:compile[collapsed=true]\\r\\033[0KCompile\\n'
    - for f in lamp colour sun; do printf '  \\033[36mCC\\033[0m %s.c\\n' $f; done
    - printf 'section_end:107:compile\\r\\033[0K\\n'
    - printf '\\033[32;1mBuilt\\033[0m lantern 1.2, \\033[33m1 warning\\033[0m\\n'
    - mkdir -p out/report/deep/folder && cp docs/lamp.png out/report/ && seq 1 400 >out/report/numbers.txt
    - head -c 5000 /dev/zero >out/lantern.bin && ln -s report/numbers.txt out/latest && touch out/empty out/report/deep/folder/x
  artifacts: {paths: [out/], expire_in: 2 weeks}

test:
  stage: test
  script:
    - for i in 1 2 3; do printf 'ok %d - dims slowly\\n' $i; done

style:
  stage: test
  needs: []
  allow_failure: true
  script:
    - printf '\\033[31msrc/lamp.c:14 tabs and blanks mixed\\033[0m\\n'
    - exit 3

deploy:
  stage: deploy
  environment: $HEARTH_ENVIRONMENT
  script: [echo deployed]

notes:
  stage: deploy
  needs: [build]
  when: manual
  script: [echo written]
"""

SVG = """<svg xmlns="http://www.w3.org/2000/svg" width="118" height="20"><rect width="118" height="20" rx="4" fill="#555"/>
<rect x="66" width="52" height="20" rx="4" fill="#2b6a45"/><g fill="#fff" font-family="sans-serif" font-size="11">
<text x="8" y="14">pipeline</text><text x="73" y="14">passed</text></g></svg>
"""

PEOPLE = {
    "anna": "Anna Larsen",
    "boris": "Борис Ковалёв",
    "chen": "Chen Wei",
}


def png(width=96, height=64):
    """A picture, drawn here: a warm gradient."""
    rows = b"".join(b"\0" + b"".join(bytes((255, 120 + y, 40 + x)) for x in range(width))
                    for y in range(height))

    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data)))

    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class History:
    """A repository on disk that grows commit by commit."""

    def __init__(self, instance):
        self.instance = instance
        self.work = pathlib.Path(tempfile.mkdtemp(dir=instance.folder))
        self.clock = 1_700_000_000
        self.git("init", "-q", "-b", "main")

    def git(self, *words, author="anna"):
        environment = dict(git_environment(self.instance.folder))
        stamp = f"{self.clock} +0100"
        for role in ("AUTHOR", "COMMITTER"):
            environment[f"GIT_{role}_NAME"] = PEOPLE[author]
            environment[f"GIT_{role}_EMAIL"] = f"{author}@example.org"
            environment[f"GIT_{role}_DATE"] = stamp
        return subprocess.run(["git", *map(str, words)], cwd=self.work, env=environment, check=True,
                              capture_output=True, text=True).stdout.strip()

    def commit(self, message, files, author="anna", hours=7):
        self.clock += hours * 3600
        for name, content in files.items():
            at = self.work / name
            at.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                at.unlink()
            else:
                at.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.git("add", "-A", author=author)
        self.git("commit", "-q", "-m", message, author=author)


def write_history(history):
    history.commit("Begin with a lamp", {"README.md": "# Lantern\n", "src/lamp.h": "struct lamp;\n"})
    history.commit("lamp: dim slowly\n\nAt once hurt the eyes in the dark.",
                   {"src/lamp.c": LAMP_C.replace("BRIGHTNESS_MAX 100", "BRIGHTNESS_MAX 80"),
                    "src/lamp.h": "struct lamp { int now, goal; };\n"})
    history.commit("docs: write the manual",
                   {"docs/manual.md": "# Manual\n\nSee [the lamp](../src/lamp.c).\n",
                    "docs/build/README.md": "# Building\n\n`make`\n", "docs/state.svg": SVG,
                    "docs/lamp.png": png()}, author="chen", hours=30)
    history.commit("Add pipeline", {".gitlab-ci.yml": PIPELINE}, author="boris")
    history.git("tag", "-a", "v1.0.0", "-m", "The first that we dare to sell", author="boris")
    history.commit("Файлы всех видов: текст, картинки, ссылки", {
        "kinds/empty": "", "kinds/binary.bin": bytes(range(256)) * 40,
        "kinds/latin1.txt": "Gr\u00fc\u00dfe aus dem Wald\n".encode("latin-1"),
        "kinds/with space and \u00fcmlaut.txt": "the name is the interesting part\n",
        "kinds/run.sh": "#!/bin/sh\n# starts the lamp\nset -e\nexec ./lantern \"$@\"\n",
        "kinds/long.txt": "".join(f"line {n}\n" for n in range(1, 3001)),
        "kinds/page.html": "<script>alert(1)</script><h1>not rendered here</h1>\n",
    }, author="boris")
    os.symlink("../src/lamp.c", history.work / "kinds/link")
    os.symlink("/etc/passwd", history.work / "kinds/link-out")
    (history.work / ".gitmodules").write_text(
        '[submodule "kinds/module"]\n\tpath = kinds/module\n\turl = https://example.org/glass.git\n')
    (history.work / "kinds/module").mkdir()
    history.git("update-index", "--add", "--cacheinfo",
                "160000,0123456789012345678901234567890123456789,kinds/module")
    history.commit("Link the lamp and the glass", {}, author="chen")
    history.commit("README: say what it is", {"README.md": README}, hours=50)
    history.git("branch", "stage")
    history.git("tag", "v1.1.0")
    history.git("switch", "-q", "-c", "feature/wake-with-the-sun")
    history.commit("lamp: allow the full brightness", {"src/lamp.c": LAMP_C,
                   "src/sun.c": "/* where the sun is */\nint sun_is_up(int hour) { return hour > 6 && hour < 21; }\n",
                   "docs/build/README.md": None, "docs/building.md": "# Building\n\n`make`\n"},
                   author="chen")
    history.git("switch", "-q", "main")
    history.commit("docs: thank the testers", {"THANKS": "Olga, Per, Mei\n"}, author="boris", hours=3)


VARIABLES = [
    (f"projects/{PROJECT.replace('/', '%2F')}",
     {"key": "DEPLOY_TOKEN", "value": "not-a-real-token", "masked_and_hidden": True,
      "protected": True, "description": "Writes to the shop's servers"}),
    (f"projects/{PROJECT.replace('/', '%2F')}",
     {"key": "SHOP_URL", "value": "https://shop.example", "environment_scope": "production"}),
    (f"projects/{PROJECT.replace('/', '%2F')}",
     {"key": "SETTINGS", "value": "colour = warm\nbrightness = 40\n", "variable_type": "file"}),
    ("groups/forest", {"key": "MIRROR", "value": "https://mirror.example"}),
]


def write_variables(instance):
    token = instance.tokens["anna"]
    for owner, variable in VARIABLES:
        request = urllib.request.Request(
            f"{instance.url}/api/v4/{owner}/variables", json.dumps(variable).encode(),
            {"PRIVATE-TOKEN": token, "Content-Type": "application/json"})
        urllib.request.urlopen(request).close()


def api(instance, who, method, path, body=None, project=PROJECT):
    address = f"{instance.url}/api/v4/projects/{project.replace('/', '%2F')}"
    request = urllib.request.Request(
        f"{address}/{path}" if path else address,
        json.dumps(body).encode() if body is not None else None,
        {"PRIVATE-TOKEN": instance.tokens[who], "Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
        return json.loads(text) if text else None


def user_id(instance, name):
    request = urllib.request.Request(f"{instance.url}/api/v4/users?username={name}",
                                     headers={"PRIVATE-TOKEN": instance.tokens["anna"]})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)[0]["id"]


def write_tasks(instance, ids):
    api(instance, "anna", "POST", "issues", {
        "title": "The lamp wakes too early in winter", "labels": "bug,sun",
        "assignee_ids": [ids["anna"]],
        "description": "It is **dark** until eight, and the lamp goes off at seven.\n\n"
                       "- [x] measure\n- [ ] ask the almanac\n"})
    api(instance, "boris", "POST", "issues", {"title": "Write down how to clean the glass",
                                              "labels": "docs"})
    api(instance, "anna", "POST", "issues", {"title": "Sell it"})
    api(instance, "boris", "POST", "issues/1/notes", {"body": "Seen in Murmansk, too: `-1` hours."})
    api(instance, "anna", "PUT", "issues/3", {"state_event": "close"})


SUN_LATER = ("#include \"sun.h\"\n/* where our sun is */\n"
             "int sun_is_up(int hour) { return hour > 6 && hour < 21; }\n")


def comment_on_line(instance, line, text):
    version = api(instance, "anna", "GET", "merge_requests/1/versions")[0]
    api(instance, "boris", "POST", "merge_requests/1/discussions", {
        "body": text,
        "position": {"position_type": "text", "new_path": "src/sun.c", "new_line": line,
                     "base_sha": version["base_commit_sha"],
                     "start_sha": version["start_commit_sha"],
                     "head_sha": version["head_commit_sha"]}})


def write_merge_requests(instance, ids):
    api(instance, "anna", "POST", "repository/branches", {"branch": "night-light", "ref": "stage"})
    instance.push("anna", PROJECT, {"src/night.c": "int night(void) { return 1; }\n"},
                  branch="night-light", message="Add a night light")
    api(instance, "anna", "POST", "merge_requests", {
        "source_branch": "feature/wake-with-the-sun", "target_branch": "stage",
        "title": "Wake with the sun", "labels": "sun", "reviewer_ids": [ids["boris"]],
        "description": "The lamp follows the sun.\n\nCloses #1"})
    api(instance, "anna", "POST", "merge_requests", {
        "source_branch": "night-light", "target_branch": "stage", "title": "Draft: Night light"})
    api(instance, "anna", "POST", "merge_requests", {
        "source_branch": "stage", "target_branch": "main", "title": "Bring stage to production",
        "reviewer_ids": [ids["anna"]]})
    comment_on_line(instance, 1, "Say **which** sun.")
    comment_on_line(instance, 2, "In **Murmansk** it never is in December.")
    instance.push("anna", PROJECT, {"src/sun.c": SUN_LATER}, branch="feature/wake-with-the-sun",
                  message="Say which sun")
    api(instance, "boris", "POST", "merge_requests/1/notes", {"body": "Looks good otherwise."})


def write_fork(instance):
    """boris forks the project and offers a branch from there."""
    fork = "boris/lantern-lab"
    api(instance, "boris", "POST", "fork", {"path": "lantern-lab"})
    wait(lambda: api(instance, "boris", "GET", "", project=fork)["import_status"] == "finished", 60)
    target = api(instance, "boris", "GET", "", project=fork)["forked_from_project"]["id"]
    api(instance, "boris", "POST", "repository/branches", {"branch": "moonlight", "ref": "stage"},
        project=fork)
    instance.push("boris", fork, {"src/moon.c": "int moon(void) { return 2; }\n"},
                  branch="moonlight", message="Shine like the moon")
    api(instance, "boris", "POST", "merge_requests", {
        "source_branch": "moonlight", "target_branch": "stage", "title": "Shine like the moon",
        "target_project_id": target}, project=fork)


def write_work(instance):
    ids = {name: user_id(instance, name) for name in ("anna", "boris")}
    api(instance, "anna", "POST", "members", {"user_id": ids["boris"], "access_level": 40})
    write_tasks(instance, ids)
    write_merge_requests(instance, ids)


DEPLOYMENTS = """
INSERT INTO environment (project_id, name, slug, tier, state, external_url, auto_stop_at)
SELECT p.id, n.name, n.slug, n.tier, n.state, n.url, n.stops::timestamptz FROM project p, (VALUES
	('testing', 'testing', 'testing', 'available', 'https://testing.example.org', NULL),
	('production', 'production', 'production', 'available', 'https://example.org', NULL),
	('review/wake-with-the-sun', 'review-wake-wit-k3x9qa', 'development', 'available',
		'https://wake.example.org', '2046-09-01 08:00Z'),
	('review/old-idea', 'review-old-idea', 'development', 'stopped', NULL, NULL)
) n (name, slug, tier, state, url, stops) WHERE p.segment = 'lantern';
INSERT INTO deployment (project_id, iid, environment_id, pipeline_id, pipeline_number, job_id, ref, ref_name,
	is_tag, sha, replaced_sha, kind, status, user_id, created_at, finished_at)
SELECT p.id, d.iid, n.id, l.id, l.id, j.id, l.ref, l.ref_name, false, l.sha, l.sha, d.kind, d.status,
	(SELECT id FROM users WHERE username = d.who), d.at::timestamptz,
	CASE WHEN d.status <> 'running' THEN d.at::timestamptz + interval '2 min' END
FROM project p
JOIN (VALUES
	(1, 'production', 'main', 'deploy', 'success', 'anna', '2026-05-04 09:12Z'),
	(2, 'testing', 'feature/wake-with-the-sun', 'deploy', 'success', 'boris', '2026-05-05 10:40Z'),
	(3, 'production', 'main', 'deploy', 'failed', 'boris', '2026-05-06 16:02Z'),
	(4, 'production', 'main', 'rollback', 'success', 'anna', '2026-05-06 16:20Z'),
	(5, 'review/wake-with-the-sun', 'feature/wake-with-the-sun', 'deploy', 'success', 'boris', '2026-05-07 11:00Z'),
	(6, 'testing', 'feature/wake-with-the-sun', 'redeploy', 'running', 'boris', '2026-05-08 12:00Z')
) d (iid, environment, branch, kind, status, who, at) ON true
JOIN environment n ON n.project_id = p.id AND n.name = d.environment
JOIN pipeline l ON l.project_id = p.id AND l.ref = 'refs/heads/' || d.branch
JOIN job j ON j.pipeline_id = l.id AND j.name = 'deploy'
WHERE p.segment = 'lantern' AND l.id = (SELECT max(x.id) FROM pipeline x WHERE x.project_id = p.id AND x.ref = l.ref)
ORDER BY d.iid;
UPDATE deployment SET tree = md5(sha) || '0badcafe' WHERE status = 'success';
INSERT INTO deployment_artifact (deployment_id, job_name, filename, size, sha256)
SELECT id, 'build', 'lantern-1.4.zip', 48213, sha256(sha::bytea) FROM deployment WHERE status = 'success';
"""


def write_deployments(instance):
    """What a runner would have done in days, with fixed dates."""
    subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", instance.conninfo], check=True, text=True,
                   input=DEPLOYMENTS)


def demo(instance):
    for name, full in PEOPLE.items():
        instance.user(name, admin=name == "anna", full_name=full)
    instance.cli("project", "create", PROJECT, "--owner", "anna", "--visibility", "public")
    instance.cli("project", "create", "forest/shop/web", "--owner", "anna", "--visibility", "internal")
    instance.cli("project", "create", "anna/notes", "--owner", "anna", "--visibility", "private")
    instance.cli("project", "create", "anna/empty", "--owner", "anna", "--visibility", "private")
    history = History(instance)
    write_history(history)
    history.git("push", "-q", instance.remote("anna", PROJECT), "--all")
    history.git("push", "-q", instance.remote("anna", PROJECT), "--tags")
    history.git("push", "-q", instance.remote("anna", "forest/shop/web"), "main")
    history.git("push", "-q", instance.remote("anna", "anna/notes"), "v1.0.0^{}:refs/heads/main")
    write_variables(instance)
    write_work(instance)
    write_deployments(instance)
    write_fork(instance)
    return history
