"""A person at a browser: what the tests of pages do and read, in words."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from selenium.common.exceptions import StaleElementReferenceException  # noqa: E402

from hearth import wait  # noqa: E402


class Reader:
    """A person at a browser, in words."""

    def __init__(self, run, instance, **how):
        self.browser = run.browser(**how)
        self.instance = instance

    def go(self, path):
        self.browser.get(self.instance.url + path)

    def one(self, selector):
        return self.browser.find_element("css selector", selector)

    def all(self, selector):
        return self.browser.find_elements("css selector", selector)

    def text(self, selector="main"):
        return steady(lambda: self.one(selector).text)

    def fill(self, **fields):
        for name, value in fields.items():
            field = self.one(f'main [name="{name}"]:not([type=hidden])')
            field.clear()
            field.send_keys(value)

    def click(self, selector):
        steady(lambda: self.one(selector).click())

    def send(self, selector="main button.primary"):
        """Presses a button of a form and waits for the page it leads to; once more if a live
        page took the button away under the pointer."""
        before = self.one("html")
        for _ in range(3):
            steady(lambda: self.one(selector).click())
            if wait(lambda: gone(before), 30):
                return

    def at(self, path):
        return wait(lambda: self.browser.current_url == self.instance.url + path)


def steady(act):
    """What act() gives; once more if a live page replaced the element between look and act."""
    for _ in range(20):
        try:
            return act()
        except StaleElementReferenceException:
            continue
    return act()


def gone(element):
    try:
        element.tag_name
        return False
    except Exception:  # stale: another page has come
        return True


def sign_in(browser, instance, name):
    browser.delete_all_cookies()
    browser.get(instance.url + "/users/sign_in")
    browser.find_element("id", "login").send_keys(name)
    browser.find_element("id", "password").send_keys(instance.passwords[name])
    browser.find_element("css selector", "main button.primary").click()
    wait(lambda: "/users/sign_in" not in browser.current_url)


def complaints(browser):
    return [entry["message"] for entry in browser.get_log("browser")
            if "Failed to load resource: the server responded" not in entry["message"]]
