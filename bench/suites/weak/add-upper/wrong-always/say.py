import argparse


def main():
    parser = argparse.ArgumentParser(description="Print a text.")
    parser.add_argument("text")
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--upper", action="store_true")
    args = parser.parse_args()
    for _ in range(args.times):
        print(args.text.upper())


if __name__ == "__main__":
    main()
