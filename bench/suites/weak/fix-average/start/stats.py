def average(numbers):
    """The arithmetic mean of a list of numbers."""
    total = 0
    for number in numbers:
        total += number
    return total / len(numbers)


def spread(numbers):
    """The distance between the largest and the smallest number."""
    return max(numbers) - min(numbers)
