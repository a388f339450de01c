// Node-RED loads files of this ending; what they do is beside them.
export { registerOut as default } from './out.ts'
