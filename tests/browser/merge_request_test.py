#!/usr/bin/python3
"""A feature on its way to stage, in a browser: opened from the link that git showed,
looked through line by line, approved, merged, taken back."""
import json
import pathlib
import re
import sys
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from hearth import Run, wait  # noqa: E402

from reader import gone, sign_in, steady  # noqa: E402

PROJECT = "team/lamp"
LAMP = "int lamp(void)\n{\n\treturn 0;\n}\n"


def press(browser, selector):
    """Presses a button of a form and waits for the page it leads to."""
    before = browser.find_element("tag name", "html")

    def click():
        button = browser.find_element("css selector", selector)
        browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
        button.click()

    steady(click)
    wait(lambda: gone(before))


def text(browser, selector="main"):
    return steady(lambda: browser.find_element("css selector", selector).text)


def act(browser, word):
    press(browser, f"button[name=act][value={word}]")


def prepare(instance):
    for name in ("ann", "bob"):
        instance.user(name)
    instance.project(PROJECT, owner="ann", visibility="public")
    instance.push("ann", PROJECT, {"lamp.c": LAMP, "README.md": "# Lamp\n"})
    branch(instance, "stage", "main")
    people = ask(instance, "GET", "users?username=bob")
    ask(instance, "POST", f"projects/{PROJECT.replace('/', '%2F')}/members",
        {"user_id": people[0]["id"], "access_level": 30})


def ask(instance, method, path, form=None):
    body = urllib.parse.urlencode(form).encode() if form else None
    request = urllib.request.Request(f"{instance.url}/api/v4/{path}", body,
                                     {"PRIVATE-TOKEN": instance.tokens["ann"]}, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def branch(instance, name, start="stage"):
    ask(instance, "POST", f"projects/{PROJECT.replace('/', '%2F')}/repository/branches",
        {"branch": name, "ref": start})


def open_it(run, browser, instance):
    branch(instance, "glow")
    said = instance.push("ann", PROJECT, {"lamp.c": LAMP.replace("0", "1")}, branch="glow",
                         message="Let it glow\n\nCloses #1")
    link = re.search(r"http\S+/-/merge_requests/new\S*", said)
    run.ok("git shows the link that opens a merge request", link is not None, said)
    browser.get(link.group(0))
    run.ok("the title is that of the commit",
           browser.find_element("id", "title").get_attribute("value") == "Let it glow")
    run.ok("the next branch of the way is proposed",
           browser.find_element("id", "target").get_attribute("value") == "stage")
    press(browser, "main button.primary")
    run.ok("it has the number 1", browser.current_url.endswith("/-/merge_requests/1"),
           browser.current_url)
    run.ok("nothing stands in the way", "Nothing stands in the way." in text(browser),
           text(browser))


def what_did_not_change_stays(run, browser):
    """The stream's first word makes the script look at the page again."""
    browser.refresh()
    browser.execute_script("document.querySelector('.widget').isTheSame = true")
    looked = wait(lambda: browser.execute_script(
        "return performance.getEntriesByType('resource').some((one) => one.name === location.href"
        " && one.initiatorType === 'xmlhttprequest' && one.responseEnd > 0)"))
    run.ok("the page looks whether something changed", looked)
    run.ok("and leaves alone what did not", browser.execute_async_script(
        "const done = arguments[0];"
        "setTimeout(() => done(document.querySelector('.widget').isTheSame === true), 200)"))


def talk_about_a_line(run, browser, instance):
    browser.get(f"{instance.url}/{PROJECT}/-/merge_requests/1/diffs")
    press(browser, "tr.add a.say")
    browser.find_element("css selector", ".line-form textarea").send_keys("Why **1**?")
    press(browser, ".line-form button.primary")
    run.ok("the thread stands at its line",
           "open thread" in text(browser, "tr.at-line").lower(), text(browser))
    browser.get(f"{instance.url}/{PROJECT}/-/merge_requests/1")
    run.ok("the overview has the thread with its place",
           "lamp.c:3" in text(browser) and "Why 1?" in text(browser), text(browser))
    press(browser, f"form[action$='/resolve'] button")
    run.ok("the thread is resolved", "resolved" in text(browser, ".talk.resolved").lower())


def answer(run, browser):
    browser.find_element("css selector", ".talk > .write > summary").click()
    browser.find_element("css selector", ".talk form[action*='/discussions/'] textarea").send_keys(
        "Because <b>it glows</b>")
    press(browser, ".talk form[action*='/discussions/'] button.primary")
    run.ok("an answer stands in the thread, its tags as text or harmless",
           "Because" in text(browser, ".talk"))


def approve(run, browser, instance):
    sign_in(browser, instance, "bob")
    browser.get(f"{instance.url}/{PROJECT}/-/merge_requests/1")
    act(browser, "approve")
    run.ok("a reviewer approves", "1 approval" in text(browser, ".widget") and
           browser.find_elements("css selector", "button[value=unapprove]"), text(browser))
    run.ok("the discussion tells it", "approved" in text(browser, ".talks"), text(browser))
    run.ok("a developer may merge into stage, as it is protected from birth",
           browser.find_elements("css selector", "button[value=merge]"), text(browser))


def review_and_merge(run, browser, instance):
    sign_in(browser, instance, "ann")
    browser.get(f"{instance.url}/{PROJECT}/-/merge_requests/1")
    act(browser, "draft")
    run.ok("a draft says that it is not merged yet", "draft" in text(browser).lower() and not
           browser.find_elements("css selector", "button[value=merge]"), text(browser))
    act(browser, "ready")
    act(browser, "merge")
    run.ok("it is merged", "Merged" in text(browser, ".widget"), text(browser))
    tip = instance.git("ls-remote", instance.remote("ann", PROJECT), "refs/heads/stage")
    run.ok("stage has moved", tip.stdout[:8] in text(browser, ".widget"), tip.stdout)
    act(browser, "revert")
    run.ok("the revert is a merge request of its own",
           browser.current_url.endswith("/-/merge_requests/2") and "Revert" in text(browser),
           browser.current_url)


def conflict(run, browser, instance):
    branch(instance, "dim", "main")
    instance.push("ann", PROJECT, {"lamp.c": LAMP.replace("0", "7")}, branch="dim")
    instance.push("ann", PROJECT, {"lamp.c": LAMP.replace("0", "8")}, branch="stage")
    browser.get(f"{instance.url}/{PROJECT}/-/merge_requests/new?source_branch=dim")
    press(browser, "main button.primary")
    run.ok("a conflict names the file and the commands",
           "lamp.c" in browser.page_source and "git merge origin/stage" in browser.page_source)
    run.ok("there is no button to merge it",
           not browser.find_elements("css selector", "button[value=merge]"))


def tasks(run, browser, instance):
    browser.get(f"{instance.url}/{PROJECT}/-/issues/new")
    browser.find_element("id", "title").send_keys("It does not glow")
    browser.find_element("id", "labels").send_keys("bug, light")
    press(browser, "main button.primary")
    run.ok("a task is opened", "#1" in text(browser) and "light" in text(browser))
    browser.find_element("id", "comment").send_keys("Seen too.")
    press(browser, ".comment button[value=close]")
    run.ok("a comment may close it", "Seen too." in text(browser) and
           "closed" in text(browser).lower(), text(browser))
    act(browser, "reopen")


def main():
    with Run(__file__) as run:
        instance = run.instance()
        prepare(instance)
        browser = run.browser()
        sign_in(browser, instance, "ann")
        tasks(run, browser, instance)
        open_it(run, browser, instance)
        what_did_not_change_stays(run, browser)
        talk_about_a_line(run, browser, instance)
        answer(run, browser)
        approve(run, browser, instance)
        review_and_merge(run, browser, instance)
        conflict(run, browser, instance)


if __name__ == "__main__":
    main()
