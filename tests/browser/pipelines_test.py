#!/usr/bin/python3
"""Pipelines in a browser, with a real runner: made by its page, jobs watched while they run,
started, retried and canceled; then the same without scripts."""
import json
import pathlib
import sys
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from hearth import Run, wait  # noqa: E402

from reader import Reader, complaints, sign_in, steady  # noqa: E402

PROJECT = "ann/works"
# Lines are long, because readers do not see the last bytes of a log that grows: as many as its
# longest secret has.
PIPELINE = """stages: [build, test, deploy]

build:
  stage: build
  script:
    - printf 'section_start:100:tools\\r\\033[0KTools\\n'
    - printf '\\033[31mred light\\033[0m\\n'
    - printf 'section_end:165:tools\\r\\033[0K\\n'
    - for i in 1 2 3 4 5 6 7 8 9; do printf 'step %d %0200d\\n' $i 0; sleep 1; done
    - echo all built

test:
  stage: test
  script: [sleep 3, test -f repaired]

by hand:
  stage: deploy
  needs: []
  when: manual
  script: [echo by hand]
"""


def a_runner_is_made_by_its_page(run, reader):
    reader.go(f"/{PROJECT}/-/settings/runners")
    reader.one("details.fold > summary").click()
    reader.fill(description="my host")
    reader.send()
    command = reader.one("#fresh-command").get_attribute("value")
    run.ok("the page says the command for the host", command.startswith("hearth-runner register"),
           command)
    token = command.split("--token ")[1].split()[0]
    reader.go(f"/{PROJECT}/-/settings/runners")
    run.ok("it never shows the token again", token not in reader.browser.page_source)
    run.ok("the runner has never connected", "never connected" in reader.text())
    return token


def job_link(reader, name):
    return next(link for link in reader.all(".graph-job a.ink") if link.text == name)


def a_job_is_watched(run, reader, token):
    instance = reader.instance
    said = instance.push("ann", PROJECT, {".gitlab-ci.yml": PIPELINE})
    run.ok("the push says where the pipeline is", "/-/pipelines/" in said, said)
    reader.go(f"/{PROJECT}/-/pipelines")
    reader.one(".rows .first a").click()
    pipeline = reader.browser.current_url[len(instance.url):]
    run.equal("the graph has three stages", 3, len(reader.all(".graph-stage")))
    steady(lambda: job_link(reader, "build").click())
    run.ok("the job says why it does not run", "have never connected" in reader.text())
    job = reader.browser.current_url
    instance.runner(token)
    run.ok("the log comes by itself", wait(lambda: "step 1" in reader.text("#log"), 30))
    run.ok("lines come while it runs", "all built" not in reader.text("#log"))
    run.ok("to its end", wait(lambda: "all built\n" in reader.text("#log"), 30))
    run.equal("the page was not loaded again", job, reader.browser.current_url)
    run.ok("its state changes by itself",
           wait(lambda: "passed" in reader.text("[data-part=head]"), 30))
    run.ok("colours are classes", reader.one("#log i.f2").text == "red light")
    section = steady(lambda: next(one for one in reader.all("#log details")
                                  if "Tools" in one.find_element("css selector", "summary").text))
    run.ok("a section says how long it took", "01:05" in section.text, section.text)
    section.find_element("css selector", "summary").click()
    run.ok("a section folds", not section.get_attribute("open"))
    reader.one("#log .l > a[href='#L3']").click()
    run.ok("a line has a link", reader.browser.current_url.endswith("#L3"))
    return pipeline


def what_failed_is_retried(run, reader, pipeline):
    reader.go(pipeline)
    run.ok("the pipeline says that it failed", wait(lambda: "failed" in reader.text(".head"), 40))
    steady(lambda: job_link(reader, "test").click())
    run.ok("the job says what failed", "A command of the script failed." in reader.text())
    reader.send("form[action$='/retry'] button")
    run.ok("a retry has a page of its own", "It runs once more." in reader.text())
    run.ok("it fails again, which shows by itself", wait(
        lambda: "A command of the script failed." in reader.text("[data-part=head]"), 40))
    run.ok("the earlier run is one link away", len(reader.all("[data-part=facts] .rows li")) == 1)


def without_scripts(run, reader, pipeline):
    reader.go(pipeline)
    reader.send("form[action$='/play'] button")
    run.ok("a manual job is started", "Started." in reader.text())
    run.ok("it runs", wait(lambda: reader.go(pipeline) or "by hand\npassed" in reader.text(), 40))
    reader.go(f"/{PROJECT}/-/pipelines?status=failed")
    run.equal("the list finds failed ones", 2, len(reader.all("main .rows > li")))
    reader.send("form[action$='/retry'] button")
    run.ok("what failed runs once more", "What failed runs once more." in reader.text())
    reader.send("form[action$='/cancel'] button")
    run.ok("a pipeline is canceled", "Canceled." in reader.text())
    reader.go(f"/{PROJECT}/-/ci/lint")
    run.ok("the lint begins with the project's file", "all built" in reader.one("textarea").text)
    reader.fill(content="a:\n  scrip: [x]\n")
    reader.send()
    run.ok("it says what is wrong and where", ".gitlab-ci.yml:2:" in reader.text(), reader.text())
    reader.go(f"/{PROJECT}/-/settings/runners")
    run.ok("the runner is online", "online" in reader.text("main .rows"))


def a_bad_file_is_told(run, reader):
    reader.instance.push("ann", PROJECT, {".gitlab-ci.yml": "a:\n  scrip: [x]\n"}, branch="bad")
    reader.go(f"/{PROJECT}/-/pipelines")
    run.ok("the list marks it", "invalid file" in reader.text())
    reader.one(".rows .first a").click()
    run.ok("the page says the place", ".gitlab-ci.yml:2:" in reader.text())


def marks_stand_beside_code(run, reader):
    for path, selector in (("/-/branches", ".rows .mark"), ("/-/commits/main", ".rows .mark"),
                           ("", ".last-commit .mark"), ("/-/commit/main", ".facts .badge")):
        reader.go(f"/{PROJECT}{path}")
        run.ok(f"the state of the pipeline stands on the page {path or 'of the project'}",
               len(reader.all(selector)) > 0)
    instance = reader.instance
    ask = urllib.request.Request(
        f"{instance.url}/api/v4/projects/ann%2Fworks/repository/commits/main",
        headers={"PRIVATE-TOKEN": instance.tokens["ann"]})
    commit = json.load(urllib.request.urlopen(ask))
    run.ok("the API has the last pipeline of a commit",
           commit["last_pipeline"]["ref"] == "main" and commit["status"], str(commit))


def main():
    with Run(__file__) as run:
        instance = run.instance()
        instance.user("ann")
        instance.project(PROJECT, "ann")
        reader = Reader(run, instance)
        sign_in(reader.browser, instance, "ann")
        token = a_runner_is_made_by_its_page(run, reader)
        pipeline = a_job_is_watched(run, reader, token)
        what_failed_is_retried(run, reader, pipeline)
        a_bad_file_is_told(run, reader)
        marks_stand_beside_code(run, reader)
        run.ok("the browser has nothing to complain about", not complaints(reader.browser))
        plain = Reader(run, instance, javascript=False)
        sign_in(plain.browser, instance, "ann")
        without_scripts(run, plain, pipeline)


if __name__ == "__main__":
    main()
