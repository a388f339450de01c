import fc from 'fast-check'

/**
 * Properties are tried on the same cases every time, so that what decides whether a change may land can be repeated.
 * With `IOC_PROPERTY_RUNS` they are tried on others, that many.
 */
if (process.env['IOC_PROPERTY_RUNS'] === undefined) fc.configureGlobal({ seed: 1_459_2019 })
