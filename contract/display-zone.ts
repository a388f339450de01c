/** The zone in which people are shown times, and in which the days of boards begin. */
export const displayZone = 'Asia/Ho_Chi_Minh'
