/**
 * Where the files of boards are, below a folder, by language: Grafana reads the Vietnamese ones, the wall both.
 */
export const boardFolders = { vi: 'provisioning/dashboards', en: 'english' } as const
