// Node-RED loads files of this ending; what they do is beside them.
export { registerDevice as default } from './device.ts'
