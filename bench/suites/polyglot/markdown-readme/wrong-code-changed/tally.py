class Tally:
    def __init__(self):
        self.counts = {}

    def add(self, name, times=1):
        self.counts[name] = self.counts.get(name, 0) + times

    def top(self):
        """The name with the highest count, or None."""
        return max(self.counts, key=self.counts.get, default=None)

    most = top
