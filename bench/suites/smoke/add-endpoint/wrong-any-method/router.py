"""A router without a framework: handle(method, path) gives (status, text)."""

from pages import about, index

ROUTES = {
    ("GET", "/"): index,
    ("GET", "/about"): about,
}


def handle(method, path):
    if path == "/health":
        return (200, "ok")
    page = ROUTES.get((method, path))
    if page is None:
        known = any(route == path for _, route in ROUTES)
        return (405, "method not allowed") if known else (404, "not found")
    return (200, page())
