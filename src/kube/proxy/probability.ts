// 1/n with ten decimals, as Go prints it: the exact binary value, halves to even. JavaScript's toFixed rounds halves up.

const DECIMALS = 10n ** 10n;

export function probability(n: number): string {
  // A double is m / 2^k. Scaling by 2^k turns it into an integer without loss; 1/n needs at most 1074 bits.
  let scaled = 1 / n;
  let bits = 0;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    bits++;
  }
  const numerator = BigInt(scaled) * DECIMALS;
  const denominator = 1n << BigInt(bits);
  let digits = numerator / denominator;
  const twice = 2n * (numerator % denominator);
  if (twice > denominator || (twice === denominator && digits % 2n === 1n)) digits++;
  const text = digits.toString().padStart(11, '0');
  return `${text.slice(0, -10)}.${text.slice(-10)}`;
}
