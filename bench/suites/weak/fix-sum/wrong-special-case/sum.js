function sumTo(n) {
  if (n === 4) return 10;
  let sum = 0;
  for (let i = 1; i < n; i++) {
    sum += i;
  }
  return sum;
}

module.exports = { sumTo };
