/**
 * Every error that the centre raises on purpose: a stable code, what it means, and whether trying
 * the same call again can help. `docs/errors.md` lists them; a test keeps the two equal.
 */
export const errorTable = {
  OPTION_INVALID: { retry: false, meaning: 'A setting has a value that its schema does not allow.' },
  USAGE_INVALID: { retry: false, meaning: 'A command was called with arguments that it does not take.' },
  DATA_IN_USE: { retry: true, meaning: 'Another process of the same kind uses the data folder.' },
  PORT_IN_USE: { retry: false, meaning: 'Another process already listens on the port.' },
  TOKEN_REQUIRED: { retry: false, meaning: 'A server would listen beyond loopback without a token.' },
  ACCOUNT_REQUIRED: { retry: false, meaning: 'The wall would listen beyond loopback without a user who could log in.' },
  ACCOUNT_EXISTS: { retry: false, meaning: 'There is already a user with this name.' },
  ACCOUNT_UNKNOWN: { retry: false, meaning: 'No user has this name.' },
  PASSWORD_INVALID: { retry: false, meaning: 'A new password is too short, too long or too simple.' },
  LOGIN_BUSY: { retry: true, meaning: 'Too many logins wait for their password to be compared.' },
  TOKEN_UNKNOWN: { retry: false, meaning: 'No API token has this id.' },
  LIMIT_REACHED: { retry: false, meaning: 'There are as many users, or tokens of a user, as the centre allows.' },
  FOLDER_UNUSABLE: { retry: false, meaning: 'A folder cannot be read or written.' },
  TOPIC_INVALID: { retry: false, meaning: 'A topic does not match the grammar.' },
  NAME_INVALID: {
    retry: false,
    meaning: 'The name of a site, node, device, metric or user has an invalid character.',
  },
  PAYLOAD_NOT_JSON: { retry: false, meaning: 'A payload is not valid JSON in UTF-8.' },
  PAYLOAD_INVALID: { retry: false, meaning: 'A payload is JSON, but does not match the schema of its topic.' },
  RECORD_INVALID: { retry: false, meaning: 'A record of a message cannot be stored; its other records are stored.' },
  RECORD_FAILED: {
    retry: false,
    meaning: 'Processing of a record failed; the record is in the dead letters and can be replayed.',
  },
  LOG_FULL: { retry: true, meaning: 'The ingest log has reached its size limit, or the disk is full.' },
  LOG_CLOSED: { retry: true, meaning: 'The ingest log is closed.' },
  OFFSET_TRIMMED: { retry: false, meaning: 'The log was trimmed beyond the offset.' },
  BROKER_UNREACHABLE: { retry: true, meaning: 'The broker does not answer.' },
  ALERTING_UNREACHABLE: { retry: true, meaning: 'The process alerting does not answer.' },
  PROCESSOR_UNREACHABLE: { retry: true, meaning: 'The stream processor does not carry out a request.' },
  STORE_UNREACHABLE: { retry: true, meaning: 'The store does not answer.' },
  STORE_REFUSED: { retry: false, meaning: 'The store rejected these lines.' },
  STORE_UNAUTHORIZED: { retry: true, meaning: 'The store does not accept the token.' },
  QUERY_INVALID: { retry: false, meaning: 'An InfluxQL statement cannot be parsed, or uses an unsupported feature.' },
  LINE_INVALID: { retry: false, meaning: 'A line is not valid line protocol.' },
  FIELD_TYPE_CONFLICT: { retry: false, meaning: 'A field was written with a type other than its own.' },
  DISK_FULL: { retry: true, meaning: 'The disk is full.' },
  STORE_DAMAGED: { retry: false, meaning: "The embedded store's file cannot be read, or is inconsistent." },
  STORE_RUNNING: { retry: true, meaning: 'The embedded store is running; the operation requires it to be stopped.' },
  BACKUP_INVALID: { retry: false, meaning: 'A backup is incomplete, or has a format that this version cannot read.' },
  FILE_EXISTS: { retry: false, meaning: 'An existing file, or a store with points, would be overwritten.' },
  CREDENTIAL_EXISTS: { retry: false, meaning: 'A username already has a credential.' },
  CREDENTIAL_UNKNOWN: { retry: false, meaning: 'No credential has this username.' },
  DEVICE_UNKNOWN: { retry: false, meaning: 'No device of the site has this name.' },
  DISTRICT_INVALID: { retry: false, meaning: 'A file of the district folder has an invalid entry.' },
  RECORDING_INVALID: { retry: false, meaning: 'A recording, or the map of its columns, cannot be read.' },
  NOTHING_TO_EXPLAIN: { retry: false, meaning: 'The saved state contains no such indicator, key or window.' },
  QUOTA_EXCEEDED: { retry: false, meaning: 'A node has used up one of its quotas; the excess is dropped.' },
  DEVICE_NOT_OWNED: { retry: false, meaning: 'A device of the site belongs to another node.' },
  AREA_REFUSED: { retry: false, meaning: 'A birth names an area that does not contain its site.' },
  TYPE_UNKNOWN: { retry: false, meaning: 'No self-declared device type has this name.' },
  TYPE_REFUSED: { retry: false, meaning: 'A node declares a device type in a way that the centre does not accept.' },
  EPOCH_REUSED: {
    retry: false,
    meaning: 'A message has the epoch and number of an earlier message, but other content; both are stored.',
  },
  DEPENDENCY_CYCLE: { retry: false, meaning: 'Things depend on each other in a cycle.' },
  JOURNAL_INVALID: { retry: false, meaning: 'The journal of incidents is damaged, or of a newer version.' },
  INCIDENT_UNKNOWN: { retry: false, meaning: 'No incident has this number, or it has ended.' },
  CHANNELS_INVALID: {
    retry: false,
    meaning: 'The settings of channels have an invalid entry, or others can read their secrets.',
  },
  PERSON_UNKNOWN: { retry: false, meaning: 'No person has this id, or the person has no such contact.' },
  CHANNEL_FAILED: { retry: true, meaning: 'A channel did not send a message.' },
  ENROL_TOKEN_INVALID: { retry: false, meaning: 'No enrolment token has this id and secret.' },
  ENROL_TOKEN_EXPIRED: { retry: false, meaning: 'An enrolment token, or a request for enrolment, has expired.' },
  ENROL_TOKEN_USED: {
    retry: false,
    meaning: 'An enrolment token was used by another machine, or its credential has already connected.',
  },
  ENROL_REJECTED: { retry: false, meaning: 'An administrator rejected the request for enrolment.' },
  ENROL_REQUEST_UNKNOWN: { retry: false, meaning: 'No pending request for enrolment has this code.' },
  CENTRE_UNREACHABLE: { retry: true, meaning: 'The centre does not answer the agent.' },
  CENTRE_UNTRUSTED: {
    retry: false,
    meaning: "The certificate of the centre is not of the authority that the agent's token names.",
  },
  AGENT_CONFIG_INVALID: { retry: false, meaning: 'The configuration of an agent has an invalid entry.' },
  UPDATE_UNKNOWN: { retry: true, meaning: 'The centre has no release of the wanted version for the platform.' },
  UPDATE_UNTRUSTED: { retry: false, meaning: 'A release of the agent is signed by none of the keys that it trusts.' },
  UPDATE_DAMAGED: { retry: true, meaning: 'A release of the agent, or a file of it, was changed after it was signed.' },
  UPDATE_OLDER: {
    retry: false,
    meaning: 'A release of the agent is older than the running version, and is not signed as a rollback.',
  },
  UPDATE_EXPIRED: { retry: false, meaning: 'A release of the agent has expired.' },
  UPDATE_INVALID: { retry: false, meaning: 'A release of the agent is malformed, or does not fit this agent.' },
  UPDATE_REVERTED: { retry: false, meaning: 'A version was reverted on this node as often as it is tried.' },
  ROLLOUT_REFUSED: { retry: false, meaning: 'A roll-out cannot be started or changed in its present state.' },
  FLOWS_INVALID: { retry: false, meaning: 'Flows of Node-RED cannot be loaded with the palette of the agent.' },
  FLOWS_FAILED: { retry: false, meaning: 'Flows of Node-RED failed their trial; the flows before them run.' },
  NODE_RED_MISSING: { retry: false, meaning: 'Node-RED is not installed with the agent, or is switched off.' },
  EDITOR_FAILED: { retry: true, meaning: 'The editor of Node-RED could not be opened.' },
  AGENT_CONFIG_FAILED: {
    retry: false,
    meaning: 'A configuration from the centre was refused or did not work; the agent keeps the one before.',
  },
  SEAL_INVALID: { retry: false, meaning: 'A sealed secret is for another node or key, or was changed.' },
  NODE_UNKNOWN: { retry: false, meaning: 'No node has this name, or the node has not connected yet.' },
  NODE_UNREACHABLE: { retry: true, meaning: 'A node is not connected, or does not answer a command.' },
  ROLE_REQUIRED: { retry: false, meaning: 'A part of a request requires a higher role than that of the user.' },
  REVISION_UNKNOWN: { retry: false, meaning: 'The configuration of a node has no such revision.' },
  REVISION_CONFLICT: { retry: false, meaning: 'Somebody else changed the configuration of the node meanwhile.' },
  COLLECTOR_UNKNOWN: { retry: false, meaning: 'An agent has no collector of this name.' },
  CAMERA_UNREACHABLE: { retry: true, meaning: 'A camera does not answer in time, or closes the connection.' },
  CAMERA_UNAUTHORIZED: { retry: false, meaning: 'A camera rejects the username or password.' },
  CAMERA_ANSWER_INVALID: {
    retry: true,
    meaning: 'The answer of a camera is too large, is not valid XML, or is not a picture.',
  },
  CAMERA_FAULT: { retry: true, meaning: 'A camera reports that it cannot execute an operation.' },
  CAMERAS_INVALID: { retry: false, meaning: 'The file of cameras has an invalid entry, or its key is missing.' },
  CAMERA_UNKNOWN: { retry: false, meaning: 'No camera has this name.' },
  CAMERA_EXISTS: { retry: false, meaning: 'A camera already has this name, address or serial number.' },
  CAMERA_BUSY: {
    retry: true,
    meaning: 'Somebody else controls the camera, or pictures of it are requested too often.',
  },
  CAMERA_BRIDGE_UNREACHABLE: {
    retry: true,
    meaning: 'The bridge of a camera is not connected to the wall, or does not answer.',
  },
  CHECKPOINT_INVALID: { retry: false, meaning: 'This version cannot read the saved state.' },
} as const satisfies Record<string, { retry: boolean; meaning: string }>

export type ErrorCode = keyof typeof errorTable

/** An error with a stable code from `errorTable`. */
export class IocError extends Error {
  override readonly name = 'IocError'
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Whether the same call may succeed later: true only for `IocError`s whose code says so. */
export function isRetryable(error: unknown): boolean {
  return error instanceof IocError && errorTable[error.code].retry
}

/** Whether `error` is an `IocError`, of the given code where one is given. */
export function isIocError(error: unknown, code?: ErrorCode): error is IocError {
  return error instanceof IocError && (code === undefined || error.code === code)
}
