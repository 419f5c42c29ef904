class Queue {
  #items = [];

  get size() {
    return this.#items.length;
  }

  push(item, priority = 0) {
    const place = this.#items.findIndex((other) => other.priority <= priority);
    const entry = { item, priority };
    if (place < 0) this.#items.push(entry);
    else this.#items.splice(place, 0, entry);
  }

  pop() {
    return this.#items.shift()?.item;
  }
}

module.exports = { Queue };
