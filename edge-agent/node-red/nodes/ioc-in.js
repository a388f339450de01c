// Node-RED loads files of this ending; what they do is beside them.
export { registerIn as default } from './in.ts'
