/** Groups of boards, in the order of the menu. A board is in the group that one of its tags names. */
export const boardGroups = ['overview', 'people', 'economy', 'environment', 'safety', 'system', 'types'] as const
export type BoardGroup = (typeof boardGroups)[number]
