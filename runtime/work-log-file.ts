/** The work log of the wall, within the data folder: a backup holds it as well. */
export const workLogFile = 'wall/work-log.jsonl'
