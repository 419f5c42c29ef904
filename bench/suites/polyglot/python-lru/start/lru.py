class Lru:
    """A mapping that keeps the `size` entries used last."""

    def __init__(self, size):
        self.size = size
        self.entries = {}

    def get(self, key, default=None):
        return self.entries.get(key, default)

    def put(self, key, value):
        if len(self.entries) >= self.size:
            oldest = next(iter(self.entries))
            del self.entries[oldest]
        self.entries[key] = value

    def keys(self):
        """Least recently used first."""
        return list(self.entries)
