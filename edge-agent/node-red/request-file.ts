/** Flows that the administrator of the machine has put into the folder of the agent. */
export const flowFile = 'flows.json'

/** Written by `ioc-agent editor` into the folder of the agent, which opens the editor and deletes it. */
export const editorRequestFile = 'open-editor.json'
