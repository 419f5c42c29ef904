function lerp(from, to, share) {
  return from + (to - from) * share;
}

function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}

module.exports = { lerp, clamp };
