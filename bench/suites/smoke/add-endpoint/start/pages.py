def index():
    return "welcome"


def about():
    return "about us"
