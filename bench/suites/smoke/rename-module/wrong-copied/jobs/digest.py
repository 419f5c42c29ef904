import text_tools


def digest(lines):
    return [text_tools.shorten(line, 8) for line in lines]
