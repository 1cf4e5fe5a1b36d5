#!/usr/bin/python3
"""Pictures of every page: light and dark, wide and narrow, in English and Russian.

    tests/support/with-postgres tests/browser/screenshots.py OUT_DIR [WORD...]
    tests/support/with-postgres tests/browser/screenshots.py --readme web/pictures

WORDs choose pages whose name contains one. Besides, it looks at what a picture
cannot show: words of the browser's log (content security policy, missing files)
and pages wider than a narrow screen are failures.
"""
import json
import pathlib
import sys
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from hearth import Run, wait  # noqa: E402

from demo import PROJECT, demo  # noqa: E402
from reader import complaints, sign_in  # noqa: E402

STRANGERS = {
    "welcome": "/",
    "sign_in": "/users/sign_in",
    "explore_public": "/explore",
    "not_found": "/nobody/nothing",
}
PAGES = {
    "home": "/",
    "explore": "/explore",
    "groups": "/explore/groups",
    "group": "/forest",
    "group_settings": "/groups/forest/-/edit",
    "group_members": "/groups/forest/-/group_members",
    "group_new": "/groups/new",
    "user": "/anna",
    "project": f"/{PROJECT}",
    "project_empty": "/anna/empty",
    "forks": f"/{PROJECT}/-/forks",
    "fork_new": f"/{PROJECT}/-/forks/new",
    "fork": "/boris/lantern-lab",
    "project_new": "/projects/new",
    "settings": f"/{PROJECT}/-/settings",
    "merge_setting": f"/{PROJECT}/-/settings/merge_requests",
    "protection": f"/{PROJECT}/-/settings/repository",
    "variables": f"/{PROJECT}/-/settings/variables",
    "variable": f"/{PROJECT}/-/settings/variables/3",
    "group_variables": "/groups/forest/-/settings/variables",
    "members": f"/{PROJECT}/-/project_members",
    "tree": f"/{PROJECT}/-/tree/main/kinds",
    "find_file": f"/{PROJECT}/-/find_file/main",
    "blob_text": f"/{PROJECT}/-/blob/main/src/lamp.c#L12-19",
    "blob_yaml": f"/{PROJECT}/-/blob/main/.gitlab-ci.yml",
    "blob_markdown": f"/{PROJECT}/-/blob/main/README.md",
    "blob_image": f"/{PROJECT}/-/blob/main/docs/lamp.png",
    "blob_binary": f"/{PROJECT}/-/blob/main/kinds/binary.bin",
    "blob_empty": f"/{PROJECT}/-/blob/main/kinds/empty",
    "blob_latin1": f"/{PROJECT}/-/blob/main/kinds/latin1.txt",
    "blob_symlink": f"/{PROJECT}/-/blob/main/kinds/link",
    "blob_symlink_out": f"/{PROJECT}/-/blob/main/kinds/link-out",
    "blob_submodule": f"/{PROJECT}/-/blob/main/kinds/module",
    "blame": f"/{PROJECT}/-/blame/main/src/lamp.c",
    "commits": f"/{PROJECT}/-/commits/main",
    "file_history": f"/{PROJECT}/-/commits/main/src/lamp.c",
    "commit": f"/{PROJECT}/-/commit/feature%2Fwake-with-the-sun",
    "compare_form": f"/{PROJECT}/-/compare",
    "compare": f"/{PROJECT}/-/compare/main...feature/wake-with-the-sun",
    "branches": f"/{PROJECT}/-/branches",
    "pipeline_new": f"/{PROJECT}/-/pipelines/new",
    "tags": f"/{PROJECT}/-/tags",
    "pipelines": f"/{PROJECT}/-/pipelines",
    "pipelines_none": "/anna/empty/-/pipelines",
    "pipeline": f"/{PROJECT}/-/pipelines/1",
    "jobs": f"/{PROJECT}/-/jobs",
    "job": f"/{PROJECT}/-/jobs/1",
    "artifact_browse": f"/{PROJECT}/-/jobs/1/artifacts/browse/out",
    "artifact_text": f"/{PROJECT}/-/jobs/1/artifacts/file/out/report/numbers.txt",
    "artifact_image": f"/{PROJECT}/-/jobs/1/artifacts/file/out/report/lamp.png",
    "artifact_binary": f"/{PROJECT}/-/jobs/1/artifacts/file/out/lantern.bin",
    "artifact_link": f"/{PROJECT}/-/jobs/1/artifacts/file/out/latest",
    "job_failed": f"/{PROJECT}/-/jobs/3",
    "job_waiting": f"/{PROJECT}/-/jobs/4",
    "job_manual": f"/{PROJECT}/-/jobs/5",
    "ci_lint": f"/{PROJECT}/-/ci/lint",
    "runners": f"/{PROJECT}/-/settings/runners",
    "group_runners": "/groups/forest/-/runners",
    "admin_runners": "/admin/runners",
    "admin_runner": "/admin/runners/1",
    "tasks": f"/{PROJECT}/-/issues",
    "task": f"/{PROJECT}/-/issues/1",
    "task_new": f"/{PROJECT}/-/issues/new",
    "merge_requests": f"/{PROJECT}/-/merge_requests",
    "merge_request": f"/{PROJECT}/-/merge_requests/1",
    "merge_request_draft": f"/{PROJECT}/-/merge_requests/2",
    "merge_request_new": f"/{PROJECT}/-/merge_requests/new?source_branch=night-light",
    "merge_request_new_fork": "/boris/lantern-lab/-/merge_requests/new?source_branch=moonlight",
    "merge_request_fork": f"/{PROJECT}/-/merge_requests/4",
    "merge_request_edit": f"/{PROJECT}/-/merge_requests/1/edit",
    "merge_request_commits": f"/{PROJECT}/-/merge_requests/1/commits",
    "merge_request_pipelines": f"/{PROJECT}/-/merge_requests/1/pipelines",
    "merge_request_changes": f"/{PROJECT}/-/merge_requests/1/diffs",
    "environments": f"/{PROJECT}/-/environments",
    "environment": f"/{PROJECT}/-/environments/2",
    "me_profile": "/-/user_settings/profile",
    "me_password": "/-/user_settings/password",
    "me_keys": "/-/user_settings/ssh_keys",
    "me_tokens": "/-/user_settings/personal_access_tokens",
    "me_sessions": "/-/user_settings/active_sessions",
    "admin": "/admin",
    "admin_users": "/admin/users",
    "admin_user": "/admin/users/boris",
    "admin_user_new": "/admin/users/new",
    "admin_variables": "/admin/variables",
    "help": "/help",
    "method": "/-/preferences",
}

# What the README shows: name, page, dark.
README = [("project", "project", False), ("merge-request-dark", "merge_request", True)]


def set_size(browser, width, height):
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})


def picture(run, browser, instance, out, name, path, width):
    set_size(browser, width, 900)
    browser.get("about:blank")
    browser.get(instance.url + path)
    height = browser.execute_script("return document.documentElement.scrollHeight")
    wide = browser.execute_script("return document.documentElement.scrollWidth")
    run.ok(f"{name} at {width} is not wider than the screen", wide <= width, f"({wide})")
    said = complaints(browser)
    run.ok(f"{name} has nothing to complain about", not said, str(said[:3]))
    set_size(browser, width, min(max(height, 300), 2400))
    browser.save_screenshot(str(out / f"{name}.png"))


def tour(run, instance, out, words, kinds):
    for width, dark, language in kinds:
        folder = out / f"{'dark' if dark else 'light'}-{width}-{language}"
        folder.mkdir(parents=True, exist_ok=True)
        browser = run.browser(width=width, dark=dark, language=language)
        for pages, name in ((STRANGERS, None), (PAGES, "anna")):
            if name:
                sign_in(browser, instance, name)
            for page, path in pages.items():
                if not words or any(word in page for word in words):
                    picture(run, browser, instance, folder, page, path, width)
        browser.quit()


def readme(run, instance, out):
    for name, page, dark in README:
        browser = run.browser(width=1440, dark=dark)
        sign_in(browser, instance, "anna")
        set_size(browser, 1440, 900)
        browser.get(instance.url + PAGES[page])
        run.ok(f"{name} is taken", browser.save_screenshot(str(out / f"{name}.png")))
        browser.quit()


def run_jobs(instance):
    """So that pipelines, jobs and environments have something to show."""
    instance.runner()
    wait(lambda: jobs_are_over(instance), 60)


def jobs_are_over(instance):
    ask = urllib.request.Request(f"{instance.url}/api/v4/projects/{PROJECT.replace('/', '%2F')}/jobs",
                                 headers={"PRIVATE-TOKEN": instance.tokens["anna"]})
    jobs = json.load(urllib.request.urlopen(ask))
    waiting = [job for job in jobs if job["status"] in ("pending", "running", "created")]
    return bool(jobs) and not waiting


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    with Run(__file__) as run:
        instance = run.instance()
        demo(instance)
        run_jobs(instance)
        if sys.argv[1] == "--readme":
            readme(run, instance, pathlib.Path(sys.argv[2]))
        else:
            tour(run, instance, pathlib.Path(sys.argv[1]), sys.argv[2:],
                 [(1440, False, "en"), (1440, True, "en"), (390, False, "en"), (390, True, "en"),
                  (1440, False, "ru"), (390, True, "ru")])


if __name__ == "__main__":
    main()
