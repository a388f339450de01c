import { optionSchema } from './options.ts'

/** What every process of the centre takes, so that one variable means the same everywhere. */
export const commonOptions = optionSchema({
  bind: { type: 'string', default: '127.0.0.1', title: 'Address to listen on' },
  dataDir: { type: 'string', default: './data', title: 'Data folder' },
  logLevel: {
    type: 'string',
    default: 'info',
    enum: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    title: 'Minimum severity of log lines',
  },
})

export const mqttPortOption = optionSchema({
  mqttPort: { type: 'integer', default: 1883, minimum: 0, maximum: 65535, title: 'MQTT port of the broker' },
})

/** Encryption of MQTT and of the wall. */
export const tlsOptions = optionSchema({
  tls: {
    type: 'string',
    default: 'auto',
    enum: ['auto', 'on', 'off'],
    title: 'TLS of MQTT and of the wall with certificates of the centre; auto: if IOC_BIND is beyond loopback',
  },
  mqttsPort: { type: 'integer', default: 8883, minimum: 0, maximum: 65535, title: 'MQTT port with TLS' },
  tlsNames: {
    type: 'string',
    default: '',
    title: 'Additional names and addresses of the certificate, separated by commas, such as ioc.example.vn,203.0.113.5',
  },
  tlsCheckMs: {
    type: 'integer',
    default: 3_600_000,
    minimum: 10,
    maximum: 86_400_000,
    unit: 'ms',
    title: 'Time between two checks whether the certificate is to be renewed',
  },
})

export const httpPortOption = optionSchema({
  httpPort: {
    type: 'integer',
    default: 8080,
    minimum: 0,
    maximum: 65535,
    title: 'HTTP port of the wall: pages, API, live feed',
  },
})

/** What is known of the district. */
export const districtOptions = optionSchema({
  district: { type: 'string', default: './district', title: 'Folder of the district files' },
  exampleSites: { type: 'boolean', default: false, title: 'Use the example sites of the district folder too' },
})

/** Where points go: the embedded store unless `influxUrl` names another server. */
export const storeOptions = optionSchema({
  storagePort: { type: 'integer', default: 8086, minimum: 0, maximum: 65535, title: 'Port of the embedded store' },
  influxUrl: {
    type: 'string',
    default: '',
    pattern: '^https?://',
    title: 'URL of an InfluxDB to use instead of the embedded store',
  },
  influxToken: {
    type: 'string',
    default: '',
    secret: true,
    title: 'Token of the store; the embedded store requires it as well',
  },
  influxOrg: { type: 'string', default: 'ioc', title: 'Organisation in InfluxDB 2 and 3' },
  influxBucket: { type: 'string', default: 'ioc', title: 'Bucket or database for the points' },
  influxVersion: {
    type: 'integer',
    default: 2,
    minimum: 1,
    maximum: 3,
    title: 'API version: 1 writes to /write, 2 and 3 write to /api/v2/write',
  },
})

/** Of processes that follow changes of the district's files. */
export const districtPollOption = optionSchema({
  districtPollMs: {
    type: 'integer',
    default: 2_000,
    minimum: 10,
    maximum: 600_000,
    unit: 'ms',
    title: 'Time between two looks at the district files for changes',
  },
})
