/**
 * Only natural's deep paths are used: the package's front door reads `.env`, prints to the standard output and loads
 * database drivers. They have no typings of their own.
 */
declare module 'natural/lib/natural/distance/index.js' {
  const distance: {
    DamerauLevenshteinDistance(a: string, b: string, options?: { restricted?: boolean }): number
  }
  export default distance
}
