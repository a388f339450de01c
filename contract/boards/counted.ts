/** What the counts of a source are counts of, by device or case type: in Vietnamese, in English of one, and of more. */
export const countedThings: Readonly<Record<string, readonly [vi: string, one: string, more: string]>> = {
  traffic: ['xe', 'vehicle', 'vehicles'],
  camera: ['khung hình', 'frame', 'frames'],
  one_stop: ['hồ sơ', 'dossier', 'dossiers'],
  document: ['văn bản', 'document', 'documents'],
  citizen_report: ['phản ánh', 'report', 'reports'],
  land_file: ['hồ sơ', 'file', 'files'],
  lodging_registration: ['lượt', 'registration', 'registrations'],
  planning_request: ['yêu cầu', 'request', 'requests'],
  planning_lookup: ['lượt', 'look-up', 'look-ups'],
  violation: ['vụ', 'violation', 'violations'],
  document_exchange: ['văn bản', 'document', 'documents'],
  notifiable_disease: ['ca', 'case', 'cases'],
  business_household: ['hộ', 'household', 'households'],
}
