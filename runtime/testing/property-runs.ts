/** How often a property is tried: `IOC_PROPERTY_RUNS`, or what is enough for every day. */
export function propertyRuns(everyday: number): number {
  const wished = Number(process.env['IOC_PROPERTY_RUNS'])
  return Number.isInteger(wished) && wished > 0 ? wished : everyday
}
