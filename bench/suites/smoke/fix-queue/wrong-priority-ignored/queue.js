class Queue {
  #items = [];

  get size() {
    return this.#items.length;
  }

  push(item, priority = 0) {
    if (priority > 0) this.#items.unshift({ item, priority });
    else this.#items.push({ item, priority });
  }

  pop() {
    return this.#items.shift()?.item;
  }
}

module.exports = { Queue };
