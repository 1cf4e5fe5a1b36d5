#!/usr/bin/python3
"""Pipelines started by hand, without JavaScript: of a branch, of an older commit with what
its page fills in, of a merge request; and what the form says when there is none to start.
With an argument: a folder for pictures of the pages."""
import json
import pathlib
import sys
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from hearth import Run, wait  # noqa: E402

from reader import sign_in  # noqa: E402

PROJECT = "team/lamp"
FILE = """test:
  script: make check
  rules: [{if: '$CI_PIPELINE_SOURCE != "api"'}]
"""


def picture(browser, name):
    if len(sys.argv) > 1:
        pathlib.Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
        browser.save_screenshot(f"{sys.argv[1]}/{name}.png")


def api(instance, method, path, body=None):
    request = urllib.request.Request(
        f"{instance.url}/api/v4/projects/team%2Flamp{path}", method=method,
        data=json.dumps(body).encode() if body else None,
        headers={"PRIVATE-TOKEN": instance.tokens["anna"], "Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request))


def press(browser, selector):
    """Presses a button and waits for the page of a pipeline."""
    browser.find_element("css selector", selector).click()
    wait(lambda: "/-/pipelines/" in browser.current_url and "/new" not in browser.current_url)
    return int(browser.current_url.rstrip("/").split("/")[-1].split("?")[0])


def by_branch(run, browser, instance):
    browser.get(f"{instance.url}/{PROJECT}/-/pipelines")
    browser.find_element("link text", "Run pipeline").click()
    wait(lambda: "/-/pipelines/new" in browser.current_url)
    run.equal("the form begins with the default branch", "main",
              browser.find_element("id", "ref").get_attribute("value"))
    browser.find_elements("name", "key")[0].send_keys("COLOUR")
    browser.find_elements("name", "value")[0].send_keys("red & green")
    started = press(browser, "main form.panel button.primary")
    run.equal("its variables are kept", "red & green",
              api(instance, "GET", f"/pipelines/{started}/variables")[0]["value"])
    run.equal("it is of the newest commit", api(instance, "GET", "/pipelines")[0]["sha"],
              api(instance, "GET", "/repository/branches/main")["commit"]["id"])


def again(run, browser, instance, first):
    browser.get(f"{instance.url}/{PROJECT}/-/pipelines/{first['id']}")
    browser.find_element("link text", "Run again").click()
    wait(lambda: "/-/pipelines/new" in browser.current_url)
    run.equal("an older pipeline fills in its commit", first["sha"],
              browser.find_element("id", "commit").get_attribute("value"))
    started = press(browser, "main form.panel button.primary")
    run.equal("which then runs again", first["sha"],
              api(instance, "GET", f"/pipelines/{started}")["sha"])


def refused(run, browser, instance):
    browser.get(f"{instance.url}/{PROJECT}/-/pipelines/new?ref=bare")
    browser.find_elements("name", "key")[1].send_keys("KEPT")
    browser.find_element("css selector", "main form.panel button.primary").click()
    wait(lambda: browser.find_elements("css selector", ".flash.bad"))
    run.ok("a branch without the file says so", "There is no .gitlab-ci.yml in this commit." in
           browser.find_element("css selector", ".flash.bad").text)
    run.ok("and keeps what was typed", "KEPT" in [
        field.get_attribute("value") for field in browser.find_elements("name", "key")])
    picture(browser, "refused")


def of_request(run, browser, instance):
    made = api(instance, "POST", "/merge_requests", {
        "source_branch": "feature", "target_branch": "main", "title": "A feature"})
    browser.get(f"{instance.url}/{PROJECT}/-/merge_requests/{made['iid']}/pipelines")
    picture(browser, "merge_request")
    started = press(browser, "form[action$='/pipelines'] button")
    run.equal("a merge request runs its own", "merge_request_event",
              api(instance, "GET", f"/pipelines/{started}")["source"])
    picture(browser, "pipeline")


def main():
    with Run(__file__) as run:
        instance = run.instance()
        instance.user("anna")
        instance.project(PROJECT, "anna", "private")
        instance.push("anna", PROJECT, {".gitlab-ci.yml": FILE})
        instance.push("anna", PROJECT, {"a": "1"})
        instance.push("anna", PROJECT, {".gitlab-ci.yml": FILE, "b": "1"},
                      branch="feature")
        instance.push("anna", PROJECT, {"README.md": "bare"}, branch="bare")
        first = api(instance, "GET", "/pipelines?sort=asc&order_by=id")[0]
        browser = run.browser(width=390 if len(sys.argv) > 2 else 1440, javascript=False)
        sign_in(browser, instance, "anna")
        by_branch(run, browser, instance)
        again(run, browser, instance, first)
        refused(run, browser, instance)
        of_request(run, browser, instance)


if __name__ == "__main__":
    main()
