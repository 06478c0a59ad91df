/**
 * The value at or below which `share` (0 to 1) of the sorted values lie: the nearest rank, never a value that
 * was not measured. NaN for no values.
 */
export function percentile(sorted: readonly number[], share: number): number {
  const rank = Math.max(1, Math.ceil(share * sorted.length))
  return sorted[rank - 1] ?? Number.NaN
}

/** The median, the 95th and the 99th percentile, in the unit of the values, to two decimals. */
export function spread(values: readonly number[]): { p50: number; p95: number; p99: number } {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => round(percentile(sorted, share), 2)
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

/** To so many decimals, as a number: 12.345 → 12.35. */
export function round(value: number, decimals = 0): number {
  return Number(value.toFixed(decimals))
}
