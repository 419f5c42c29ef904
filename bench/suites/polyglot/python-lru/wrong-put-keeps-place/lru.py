class Lru:
    """A mapping that keeps the `size` entries used last."""

    def __init__(self, size):
        self.size = size
        self.entries = {}

    def get(self, key, default=None):
        if key not in self.entries:
            return default
        self.entries[key] = self.entries.pop(key)
        return self.entries[key]

    def put(self, key, value):
        if key not in self.entries and len(self.entries) >= self.size:
            oldest = next(iter(self.entries))
            del self.entries[oldest]
        self.entries[key] = value

    def keys(self):
        """Least recently used first."""
        return list(self.entries)
