def index():
    return "welcome"


def about():
    return "about us"


def health():
    return "ok"
