import helpers


def digest(lines):
    return [helpers.shorten(line, 8) for line in lines]
