#!/usr/bin/python3
"""The story of a first day: sign in, make a project, push, read, branch, tag, people, tokens.

Everything by forms; then keys and line ranges, which scripts add; then the same
acts with scripts off; then in Russian.
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from hearth import Run, wait  # noqa: E402

from demo import demo, PROJECT  # noqa: E402
from reader import Reader, complaints, sign_in  # noqa: E402


def makes_a_project(run, reader, name):
    reader.go("/projects/new")
    reader.fill(segment="bad name")
    reader.send()
    run.ok(f"{name}: a bad address comes back with a sentence", reader.all(".flash.bad"))
    run.equal(f"{name}: and with what was typed", "bad name",
              reader.one("[name=segment]").get_attribute("value"))
    reader.fill(segment=name, description="what it is for")
    reader.send()
    run.ok(f"{name}: a project is made", reader.at(f"/alice/{name}"))
    run.ok(f"{name}: its page shows the commands", "git push --set-upstream origin main"
           in reader.text())


def reads_code(run, reader, path):
    reader.go(path)
    run.ok("the README is rendered", "Hello" in reader.text(".readme .prose"))
    run.ok("entries have their last commit", "add files" in reader.text("table.files"))
    reader.one("table.files a[href$='src']").click()
    run.ok("a folder opens", reader.at(f"{path}/-/tree/main/src"))
    reader.one("table.files a[href$='main.c']").click()
    run.ok("a file opens", reader.at(f"{path}/-/blob/main/src/main.c"))
    run.ok("it has numbered lines", reader.one("#L2 > a").text == "2")
    reader.go(f"{path}/-/commits/main")
    reader.one(".rows .first a").click()
    wait(lambda: "/-/commit/" in reader.browser.current_url)
    run.ok("a commit shows its changes", reader.all("table.diff tr.add"))


def branches_and_tags(run, reader, path):
    reader.go(path)
    reader.send(".way + form button")
    run.ok("the branch stage is offered and made", "stage" in reader.text(".way"))
    run.ok("and not offered again", not reader.all(".way + form"))
    reader.go(f"{path}/-/branches")
    reader.one("details.fold summary").click()
    reader.fill(name="feature/x")
    reader.send("details.fold button.primary")
    run.ok("a branch is made", reader.at(f"{path}/-/tree/feature/x"))
    reader.go(f"{path}/-/branches")
    run.equal("three branches are listed", 3, len(reader.all(".rows > li")))
    run.equal("only the unprotected one can be deleted", 1, len(reader.all(".rows details.confirm")))
    reader.one(".rows details.confirm summary").click()
    reader.send(".rows details.confirm button.danger")
    run.equal("a branch is deleted", 2, len(reader.all(".rows > li")))
    reader.go(f"{path}/-/tags")
    reader.one("details.fold summary").click()
    reader.fill(name="v1", message="The first")
    reader.send("details.fold button.primary")
    run.ok("an annotated tag is made", "The first" in reader.text(".rows"))
    reader.one("details.fold summary").click()
    reader.fill(name="v1")
    reader.send("details.fold button.primary")
    run.ok("a second of that name is refused with a sentence", reader.all(".flash.bad"))
    reader.go(f"{path}/-/compare/main...stage")
    run.ok("nothing to compare is said", reader.all(".panel.empty"))


def people_and_rules(run, reader, path):
    reader.go(f"{path}/-/project_members")
    reader.fill(username="nobody-there")
    reader.send("main form.panel button.primary")
    run.ok("an unknown person is a sentence", "nobody-there" in reader.text(".flash.bad"))
    reader.fill(username="bob")
    reader.send("main form.panel button.primary")
    run.ok("a member is added", "@bob" in reader.text("table.data"))
    reader.go(f"{path}/-/settings/repository")
    run.ok("main and stage are protected from birth",
           {"main", "stage"} <= {code.text for code in reader.all(".protection code")})
    reader.fill(pattern="release/*")
    reader.send("section.protection form.add button.primary")
    run.ok("a pattern is protected", "release/*" in reader.text(".protection"))


def my_settings(run, reader):
    reader.go("/-/user_settings/personal_access_tokens")
    reader.fill(name="laptop")
    reader.send()
    run.ok("a token without scopes is refused", reader.all(".flash.bad"))
    reader.one("input[value=read_api]").click()
    reader.send()
    token = reader.one("#fresh-token").get_attribute("value")
    run.ok("a token is shown once", token.startswith("glpat-"))
    reader.go("/-/user_settings/personal_access_tokens")
    run.ok("and never again", token not in reader.browser.page_source)
    reader.go("/-/user_settings/ssh_keys")
    reader.fill(line="ssh-rsa nonsense")
    reader.send()
    run.ok("a bad key is refused with what was typed",
           reader.one("[name=line]").get_attribute("value") == "ssh-rsa nonsense")
    reader.go("/-/user_settings/profile")
    reader.fill(name="Alice Liddell")
    reader.send()
    run.ok("the profile is saved", reader.one("#name").get_attribute("value") == "Alice Liddell")


def settings_of_a_project(run, reader, path):
    reader.go(f"{path}/-/settings")
    form = "form[action$='/settings/move'] "
    reader.one(form + "[name=segment]").clear()
    reader.one(form + "[name=segment]").send_keys("renamed")
    reader.send(form + "button")
    run.ok("a project is renamed", reader.at("/alice/renamed/-/settings"))
    reader.go(path)
    run.ok("the old address leads on", reader.at("/alice/renamed"))
    reader.go("/alice/renamed/-/settings")
    reader.send("form[action$='/settings/archive'] button")
    reader.go("/alice/renamed")
    run.ok("an archived project says so", "archived" in reader.text(".subject"))
    reader.go("/alice/renamed/-/settings")
    reader.one("#confirm").send_keys("alice/something-else")
    reader.send("form[action$='/settings/remove'] button")
    run.ok("deleting needs the address", reader.all(".flash.bad"))
    reader.one("#confirm").send_keys("alice/renamed")
    reader.send("form[action$='/settings/remove'] button")
    reader.go("/alice/renamed")
    run.ok("a deleted project is gone", "404" in reader.text())


def first_day(run, instance, name, **how):
    """The acts that must work with scripts and without."""
    reader = Reader(run, instance, **how)
    reader.go("/alice")
    reader.go("/users/sign_in")
    reader.fill(login="alice", password="wrong password")
    reader.send()
    run.ok(f"{name}: a wrong password is a sentence", reader.all(".flash.bad"))
    sign_in(reader.browser, instance, "alice")
    path = f"/alice/{name}"
    makes_a_project(run, reader, name)
    instance.push("alice", f"alice/{name}", {"README.md": "# Hello\n",
                                             "src/main.c": "int main(void)\n{\n}\n"})
    reads_code(run, reader, path)
    branches_and_tags(run, reader, path)
    people_and_rules(run, reader, path)
    my_settings(run, reader)
    settings_of_a_project(run, reader, path)
    said = complaints(reader.browser)
    run.ok(f"{name}: the browser has nothing to complain about", not said, str(said[:3]))
    reader.one(".top details.menu:last-of-type summary").click()
    reader.send("form[action$='/users/sign_out'] button")
    run.ok(f"{name}: signing out leads to the way in", reader.all("#login"))


def scripts_add(run, instance):
    from selenium.webdriver.common.keys import Keys
    reader = Reader(run, instance)
    reader.go(f"/{PROJECT}/-/blob/main/src/lamp.c#L3-5")
    run.equal("a range of lines is marked", 3, len(reader.all(".code .l.on")))
    reader.one("#L8 > a").click()
    run.ok("a click moves it", reader.browser.current_url.endswith("#L8"))
    run.ok("code has colours", wait(lambda: reader.all(".code .k")))
    reader.one("body").send_keys("y")
    run.ok("y is the permanent link", wait(lambda: "/-/blob/main" not in reader.browser.current_url))
    reader.one("body").send_keys("gc")
    run.ok("g c are the commits", reader.at(f"/{PROJECT}/-/commits"))
    reader.one("body").send_keys("t")
    run.ok("t finds a file", wait(lambda: "/-/find_file/" in reader.browser.current_url))
    reader.one("[data-filter]").send_keys("lampc" + Keys.ENTER)
    run.ok("typing and Enter open it", wait(lambda: "src/lamp.c" in reader.browser.current_url))
    reader.one("body").send_keys("?")
    run.ok("? shows the keys", wait(lambda: reader.one("#keys").is_displayed()))
    reader.go(f"/{PROJECT}")
    run.ok("times are in the reader's words", "ago" in reader.text("table.files"))
    reader.go("/explore")
    reader.one("body").send_keys("/")
    run.ok("/ goes to the search", wait(lambda: reader.browser.switch_to.active_element
                                        .get_attribute("name") == "search"))


def the_second_person(run, instance):
    admin = Reader(run, instance)
    sign_in(admin.browser, instance, "anna")
    admin.go("/admin/users/new")
    admin.fill(username="dora", email="not an address")
    admin.browser.execute_script("document.querySelector('main form').noValidate = true")
    admin.send()
    run.ok("a bad e-mail comes back", admin.one("[name=username]").get_attribute("value") == "dora")
    admin.fill(email="dora@example.org")
    admin.send()
    link = admin.one("#link").get_attribute("value")
    dora = Reader(run, instance)
    dora.browser.get(link)
    dora.fill(password="four short words", again="four other words")
    dora.send()
    run.ok("two different passwords are a sentence", dora.all(".flash.bad"))
    dora.fill(password="four short words", again="four short words")
    dora.send()
    run.ok("the link sets a password and signs in", dora.at("/") and dora.all(".head h1"))
    run.ok("the first steps are shown", dora.all(".steps"))
    dora.browser.get(link)
    run.ok("the link works once", "410" in dora.text())
    dora.go("/admin")
    run.ok("administration is not for everybody", "403" in dora.text())
    admin.go("/admin/users/dora")
    admin.send("form[action$='/block'] button")
    run.ok("a person is blocked", "blocked" in admin.text(".facts"))
    dora.go("/explore")
    run.ok("and is out at once", dora.all("a[href='/users/sign_in']"))


def groups(run, instance):
    reader = Reader(run, instance)
    sign_in(reader.browser, instance, "boris")
    reader.go("/groups/new")
    reader.fill(segment="admin")
    reader.send()
    run.ok("a reserved name is refused with a sentence", reader.all(".flash.bad"))
    reader.fill(segment="mountain")
    reader.send()
    run.ok("a group is made", reader.at("/mountain"))
    reader.one("a[href*='/groups/new?parent=']").click()
    reader.fill(segment="peak")
    reader.send()
    run.ok("a subgroup is made", reader.at("/mountain/peak"))
    reader.one("a[href*='/projects/new?namespace=']").click()
    reader.fill(segment="hut")
    reader.send()
    run.ok("a project is made in it", reader.at("/mountain/peak/hut"))
    reader.go("/groups/mountain/-/edit")
    reader.fill(segment="hill", description="not so high")
    reader.send()
    run.ok("a group is renamed", reader.at("/groups/hill/-/edit"))
    reader.go("/mountain/peak/hut")
    run.ok("what is in it can be reached by the old address", reader.at("/hill/peak/hut"))
    reader.go("/groups/hill/-/edit")
    reader.one("#confirm").send_keys("hill")
    reader.send("form[action$='/remove'] button")
    run.ok("a group with something in it is not deleted", reader.all(".flash.bad"))


def strangers(run, instance):
    reader = Reader(run, instance)
    reader.go("/anna/notes")
    run.ok("a private project sends strangers to sign in",
           wait(lambda: "/users/sign_in" in reader.browser.current_url))
    reader.go(f"/{PROJECT}/-/settings")
    run.ok("so do the settings of a public one",
           wait(lambda: "/users/sign_in" in reader.browser.current_url))
    sign_in(reader.browser, instance, "boris")
    for path in ("/anna/notes", "/anna/nothing-there"):
        reader.go(path)
        run.ok(f"{path}: hidden and unknown look the same",
               "404" in reader.text() and "anna" not in reader.text())


def addresses_of_other_forges(run, instance):
    reader = Reader(run, instance)
    for theirs, ours in (("src/branch/main/src/lamp.c", "-/blob/main/src/lamp.c"),
                         ("blob/main/README.md", "-/blob/main/README.md"),
                         ("commits/main", "-/commits/main")):
        reader.go(f"/{PROJECT}/{theirs}")
        run.ok(f"{theirs} leads on", reader.at(f"/{PROJECT}/{ours}"))


def in_russian(run, instance):
    reader = Reader(run, instance, language="ru")
    sign_in(reader.browser, instance, "boris")
    reader.go(f"/{PROJECT}")
    run.equal("the browser's language is taken", "ru", reader.one("html").get_attribute("lang"))
    run.ok("tabs are Russian", "Ветки" in reader.text(".tabs"))
    reader.go(f"/{PROJECT}/-/merge_requests/2")
    run.ok("what blocks a merge is said in Russian", "Это черновик." in reader.text(".blockers"),
           reader.text())
    reader.go(f"/{PROJECT}/-/merge_requests/2/pipelines")
    run.ok("and what started a pipeline", "отправка" in reader.text("main .rows"), reader.text())
    reader.go(f"/{PROJECT}")
    reader.send("footer button[value=en]")
    run.ok("the choice in the foot wins", "Branches" in reader.text(".tabs"))
    reader.send("footer button[value=dark]")
    run.equal("dark can be chosen", "dark", reader.one("html").get_attribute("data-theme"))


def main():
    with Run(__file__) as run:
        instance = run.instance()
        demo(instance)
        instance.user("alice")
        instance.user("bob")
        first_day(run, instance, "with-scripts")
        first_day(run, instance, "without", javascript=False)
        scripts_add(run, instance)
        the_second_person(run, instance)
        groups(run, instance)
        strangers(run, instance)
        addresses_of_other_forges(run, instance)
        in_russian(run, instance)


if __name__ == "__main__":
    main()
