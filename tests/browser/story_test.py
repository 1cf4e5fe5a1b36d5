#!/usr/bin/python3
"""The way of a change, by pages alone but for git itself: a project is made, a branch pushed,
its merge request opened from the link that git printed and tested by a runner while its author
looks on; a second person merges it to stage, then it goes to main; each contour is opened by its
link and read. A bad release is rolled back by its button, then taken back by a revert."""
import functools
import http.server
import pathlib
import re
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from hearth import Run, git_environment, wait  # noqa: E402

from reader import Reader, complaints, sign_in, steady  # noqa: E402

PROJECT = "ann/lamp"
PATIENCE = 90  # seconds for a pipeline on a busy machine
PIPELINE = """stages: [test, deploy]

package:
  stage: test
  script:
    - echo "packing for $HEARTH_ENVIRONMENT"
    - if [ "$CI_COMMIT_BRANCH" = feature ]; then until [ -e "$CONTOURS/go" ]; do sleep 0.2; done; fi
    - mkdir out && cp app.txt out/
  artifacts: {paths: [out]}

deploy:
  stage: deploy
  script: [cp --remove-destination out/app.txt "$CONTOURS/$CI_ENVIRONMENT_NAME/app.txt"]
  environment: {name: $HEARTH_ENVIRONMENT, url: $SITE/$HEARTH_ENVIRONMENT/app.txt}
"""
README = """# Lamp

![main](URL/badges/main/pipeline.svg) ![production](URL/-/badges/environments/production.svg)
"""


class Contours:
    """Three folders behind a small server: what jobs put there, browsers read."""

    def __init__(self, folder):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=folder))
        for path in (self.folder, *(self.folder / name for name in ("testing", "staging", "production"))):
            path.mkdir(exist_ok=True)
            path.chmod(0o777)
        handler = functools.partial(Quiet, directory=str(self.folder))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def end_headers(self):
        self.send_header("Cache-Control", "no-store")
        super().end_headers()


class Clone:
    """A working copy of a person; pushes by the real git, over HTTP."""

    def __init__(self, instance, who):
        self.instance = instance
        self.place = pathlib.Path(tempfile.mkdtemp(dir=instance.folder))
        git_environment(instance.folder)
        self.git("clone", "-q", instance.remote(who, PROJECT), ".")

    def git(self, *words):
        return self.instance.git(*words, cwd=self.place)

    def push(self, branch, start, files):
        """Commits files on a branch that begins at start; what git says of the push."""
        self.git("fetch", "-q", "origin")
        self.git("checkout", "-q", "-B", branch, *([start] if start else []))
        for name, content in files.items():
            (self.place / name).write_text(content)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", f"app: {files['app.txt'].strip()}")
        return self.git("push", "origin", branch).stderr


def number_of(reader):
    return int(reader.browser.current_url.rsplit("/", 1)[1])


def merge_request_path(number):
    return f"/{PROJECT}/-/merge_requests/{number}"


# ---------------------------------------------------------------- the beginning

def ann_makes_a_project(run, ann):
    ann.go("/projects/new")
    ann.fill(segment="lamp", description="A small light")
    ann.send()
    run.ok("a project is made", ann.at(f"/{PROJECT}"))
    ann.go(f"/{PROJECT}/-/project_members")
    ann.fill(username="bob")
    ann.one("#level option[value='30']").click()
    ann.send("main form.panel button.primary")
    run.ok("bob is a developer", "@bob" in ann.text("table.data"))
    ann.go(f"/{PROJECT}/-/settings/merge_requests")
    ann.one("[name=needs_pipeline]").click()
    ann.send()
    run.ok("a merge shall need a green pipeline", ann.one("[name=needs_pipeline]").is_selected())


def ann_tells_jobs_where_to(run, ann, contours):
    for key, value in (("CONTOURS", str(contours.folder)), ("SITE", contours.url)):
        ann.go(f"/{PROJECT}/-/settings/variables")
        if not ann.one("[name=key]").is_displayed():
            ann.one("details.fold > summary").click()
        ann.fill(key=key, value=value)
        ann.send()
        run.ok(f"the variable {key} is there", key in ann.text())
    ann.go(f"/{PROJECT}/-/settings/runners")
    ann.one("details.fold > summary").click()
    ann.fill(description="host of the story")
    ann.send()
    command = ann.one("#fresh-command").get_attribute("value")
    ann.instance.runner(command.split("--token ")[1].split()[0])


def the_first_version_goes_out(run, ann, clone):
    said = clone.push("main", "", {".gitlab-ci.yml": PIPELINE, "app.txt": "first\n",
                                   "README.md": README.replace("URL", f"{ann.instance.url}/{PROJECT}")})
    run.ok("git prints where the pipeline is", "/-/pipelines/" in said, said)
    stands(run, ann, "production", "first")
    ann.send(".way + form button")
    stands(run, ann, "staging", "first")


# ---------------------------------------------------------------- reading the contours

def contour(reader, name):
    """The text of a contour in the strip of the project's page."""
    return steady(lambda: next(one.text for one in reader.all(".contours li")
                               if one.text.split()[0] == name))


def stands(run, reader, name, text, sha=""):
    """The strip tells what stands there, and its link leads to it."""
    def is_there():
        reader.go(f"/{PROJECT}")
        place = next(one for one in reader.all(".contours li") if one.text.split()[0] == name)
        if sha not in place.text or "deploying" in place.text:
            return False
        place.find_element("link text", "Visit").click()
        return wait(lambda: reader.text("body") == text, 2)

    came = wait(is_there, PATIENCE)
    shown = reader.text("body")
    reader.go(f"/{PROJECT}")
    run.ok(f"{name} has \"{text}\" {sha}", came, f"(shown: {shown}; strip: {reader.text('.contours')})")


def badge_says(run, reader, path, word):
    def says():
        reader.go(f"/{PROJECT}/{path}")
        return word in reader.one("svg").get_attribute("aria-label")
    run.ok(f"the badge {path} says {word}", wait(says, PATIENCE), reader.browser.page_source)


# ---------------------------------------------------------------- the way of a change

def opened_from_the_link(run, ann, said, title):
    link = re.search(r"http\S+/-/merge_requests/new\S*", said)
    run.ok(f"{title}: git prints the link that opens a merge request", link is not None, said)
    ann.browser.get(link.group(0))
    run.equal(f"{title}: it comes with its title", title,
              ann.one("#title").get_attribute("value"))
    run.equal(f"{title}: stage is the next on the way", "stage",
              ann.one("#target").get_attribute("value"))
    next(label for label in ann.all("label:has([name=reviewers])") if label.text == "bob").click()
    ann.send()
    return number_of(ann)


def tested_while_one_looks(run, ann, contours):
    ann.browser.execute_script("window.theSame = true")
    run.ok("the merge request shows that its pipeline runs",
           wait(lambda: "running" in ann.text(".widget"), PATIENCE), ann.text(".widget"))
    run.ok("and that the merge waits for it", "pipeline" in ann.text(".blockers").lower(),
           ann.text(".widget"))
    run.ok("so there is no button to merge", not ann.all("button[value=merge]"))
    (contours.folder / "go").touch()
    run.ok("the result appears by itself", wait(lambda: "passed" in ann.text(".widget"), PATIENCE),
           ann.text(".widget"))
    run.ok("nothing stands in the way then", wait(
        lambda: "Nothing stands in the way." in ann.text(".widget"), PATIENCE), ann.text(".widget"))
    run.ok("without the page being loaded again",
           ann.browser.execute_script("return window.theSame === true"))


def merged(run, who, number, name):
    """Merges by the button; the short id of the commit that landed, as the page tells it."""
    who.go(merge_request_path(number))
    run.ok(f"{name}: may be merged", wait(lambda: who.all("button[value=merge]"), PATIENCE),
           who.text())
    who.send("button[value=merge]")
    run.ok(f"{name}: is merged", "Merged" in who.text(".widget"), who.text())
    return who.text(".widget code.sha")


def bob_reviews_and_merges(run, bob, ann, number):
    bob.go("/")
    run.ok("what waits for bob stands on his first page", "app: second" in bob.text(), bob.text())
    bob.click(f"main a[href$='/-/merge_requests/{number}']")
    run.ok("it leads to the merge request", bob.at(merge_request_path(number)))
    bob.click("nav.inner a[href$='/diffs']")
    run.ok("bob reads the change", wait(lambda: "second" in bob.text("tr.add")))
    bob.go(merge_request_path(number))
    bob.send("button[value=approve]")
    run.ok("bob approves", "1 approval" in bob.text(".widget"), bob.text(".widget"))
    run.ok("which ann sees without loading the page again",
           wait(lambda: "1 approval" in ann.text(".widget"), PATIENCE), ann.text(".widget"))
    sha = merged(run, bob, number, "to stage")
    run.ok("so does the merge", wait(lambda: "Merged" in ann.text(".widget"), PATIENCE),
           ann.text(".widget"))
    run.ok("all in one page", ann.browser.execute_script("return window.theSame === true"))
    return sha


def released(run, bob, ann, name):
    """stage to main: bob asks, ann merges."""
    bob.go(f"/{PROJECT}/-/merge_requests/new?source_branch=stage")
    run.equal(f"{name}: main is the next on the way", "main",
              bob.one("#target").get_attribute("value"))
    bob.fill(title=name)
    bob.send()
    number = number_of(bob)
    run.ok(f"{name}: a developer reads who may merge to main",
           "maintainer" in bob.text(".widget").lower() and not bob.all("button[value=merge]"),
           bob.text(".widget"))
    return merged(run, ann, number, name)


def a_change_goes_to_production(run, ann, bob, clone, contours):
    said = clone.push("feature", "origin/stage", {"app.txt": "second\n"})
    number = opened_from_the_link(run, ann, said, "app: second")
    tested_while_one_looks(run, ann, contours)
    stands(run, bob, "testing", "second")
    sha = bob_reviews_and_merges(run, bob, ann, number)
    stands(run, bob, "staging", "second", sha)
    stands(run, bob, "production", "first")
    sha = released(run, bob, ann, "Release the second")
    stands(run, bob, "production", "second", sha)
    for branch in ("main", "stage"):
        badge_says(run, bob, f"badges/{branch}/pipeline.svg", "passed")
    badge_says(run, bob, "-/badges/environments/production.svg", sha)
    bob.go(f"/{PROJECT}")
    run.ok("the README shows its badges", wait(lambda: len(bob.all(".readme img")) == 2 and all(
        bob.browser.execute_script("return arguments[0].naturalWidth > 20", image)
        for image in bob.all(".readme img"))), bob.text(".readme"))
    return sha


# ---------------------------------------------------------------- and back

def a_bad_one_goes_to_production(run, ann, bob, clone):
    said = clone.push("bad", "origin/stage", {"app.txt": "broken\n"})
    number = opened_from_the_link(run, ann, said, "app: broken")
    sha = merged(run, bob, number, "the bad one")
    stands(run, bob, "staging", "broken", sha)
    sha = released(run, bob, ann, "Release the bad one")
    stands(run, bob, "production", "broken", sha)
    return number


def rolled_back_by_its_button(run, ann, good):
    ann.go(f"/{PROJECT}")
    steady(lambda: ann.one(".contours").find_element("link text", "production").click())
    wait(lambda: "/-/environments/" in ann.browser.current_url)
    row = next(one for one in ann.all(".rows > li") if good in one.text and
               one.find_elements("css selector", "details.confirm"))
    row.find_element("css selector", "summary").click()
    asked = row.find_element("css selector", ".drop").text
    run.ok("going back is asked for", f"Bring production back to the commit {good}" in asked, asked)
    row.find_element("css selector", ".drop button").click()
    run.ok("and is on its way", wait(lambda: "on its way" in ann.text()), ann.text())
    stands(run, ann, "production", "second", good)
    run.ok("the strip says that it was rolled back", "rolled back" in contour(ann, "production"),
           contour(ann, "production"))
    badge_says(run, ann, "-/badges/environments/production.svg", good)


def taken_back_by_a_revert(run, ann, bob, bad):
    bob.go(merge_request_path(bad))
    bob.send("button[value=revert]")
    number = number_of(bob)
    run.ok("the revert is a merge request of its own", number != bad and "Revert" in bob.text("h1"))
    sha = merged(run, bob, number, "the revert")
    stands(run, bob, "staging", "second", sha)
    sha = released(run, bob, ann, "Release the revert")
    stands(run, bob, "production", "second", sha)
    run.ok("production stands on main again", "rolled back" not in contour(bob, "production"),
           contour(bob, "production"))


def main():
    with Run(__file__) as run:
        contours = Contours(run.folder)
        instance = run.instance()
        for name in ("ann", "bob"):
            instance.user(name)
        ann, bob = Reader(run, instance), Reader(run, instance)
        for reader, name in ((ann, "ann"), (bob, "bob")):
            sign_in(reader.browser, instance, name)
        ann_makes_a_project(run, ann)
        ann_tells_jobs_where_to(run, ann, contours)
        clone = Clone(instance, "ann")
        the_first_version_goes_out(run, ann, clone)
        good = a_change_goes_to_production(run, ann, bob, clone, contours)
        bad = a_bad_one_goes_to_production(run, ann, bob, clone)
        rolled_back_by_its_button(run, ann, good)
        taken_back_by_a_revert(run, ann, bob, bad)
        for reader in (ann, bob):
            said = complaints(reader.browser)
            run.ok("the browser has nothing to complain about", not said, str(said[:3]))


if __name__ == "__main__":
    main()
