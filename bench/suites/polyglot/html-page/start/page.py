"""Makes the team page: python3 page.py > team.html"""

TEAM = ["Ada & Alan", "Grace", "<Bob>"]


def page(team):
    raise NotImplementedError


if __name__ == "__main__":
    print(page(TEAM), end="")
