import argparse


def main():
    parser = argparse.ArgumentParser(description="Print a text.")
    parser.add_argument("text")
    parser.add_argument("--times", type=int, default=1)
    args = parser.parse_args()
    for _ in range(args.times):
        print(args.text)


if __name__ == "__main__":
    main()
