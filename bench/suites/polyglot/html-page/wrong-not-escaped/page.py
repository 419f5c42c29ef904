"""Makes the team page: python3 page.py > team.html"""

from html import escape

TEAM = ["Ada & Alan", "Grace", "<Bob>"]


def page(team):
    items = "".join(f"<li>{name}</li>\n" for name in team)
    return f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Team</title></head>
<body>
<h1>Team</h1>
<ul>
{items}</ul>
</body>
</html>
"""


if __name__ == "__main__":
    print(page(TEAM), end="")
