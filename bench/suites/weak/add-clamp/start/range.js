function lerp(from, to, share) {
  return from + (to - from) * share;
}

module.exports = { lerp };
