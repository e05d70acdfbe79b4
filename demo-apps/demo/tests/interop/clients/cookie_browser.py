"""A browser without script: it keeps cookies, follows redirects and fills in forms."""

from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests


@dataclass
class Page:
    """Where the browser is. A client's own address is not visited: it has no `html`."""

    address: str
    html: str | None = None


class Forms(HTMLParser):
    """Finds the forms of a page: the action of each, and its fields with their values."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self._open = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self.found.append((attrs.get("action", ""), {}))
            self._open = True
        elif tag == "input" and self._open and "name" in attrs:
            self.found[-1][1][attrs["name"]] = attrs.get("value") or ""

    def handle_endtag(self, tag):
        if tag == "form":
            self._open = False


class CookieBrowser:
    """Visits one origin only; stops before an address that begins with one of `homes`."""

    def __init__(self, homes):
        self._session = requests.Session()
        self._homes = tuple(homes)

    def open(self, url, method="GET", **options):
        """Opens an address and follows redirects."""
        answer = self._session.request(method, url, allow_redirects=False, timeout=10, **options)
        for _ in range(15):
            if "location" not in answer.headers:
                return Page(url, answer.text)
            url = urljoin(url, answer.headers["location"])
            if url.startswith(self._homes):
                return Page(url)
            answer = self._session.get(url, allow_redirects=False, timeout=10)
        raise AssertionError("the redirects never end")

    def submit(self, page, field, **values):
        """Sends the form of a page that has the field `field`, with `values` filled in."""
        for action, fields in Forms(page.html).found:
            if field in fields:
                address = urlsplit(page.address)
                origin = {"origin": f"{address.scheme}://{address.netloc}"}
                target = urljoin(page.address, action)
                return self.open(target, "POST", data={**fields, **values}, headers=origin)
        raise AssertionError(f"no form has the field {field}: {page.html}")
