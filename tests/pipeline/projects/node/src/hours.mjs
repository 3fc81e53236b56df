const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

export function hours (day) {
  if (!DAYS.includes(day)) {
    throw new RangeError(`${day} is no day`)
  }
  if (day === 'Sunday') {
    return 'closed'
  }
  return day === 'Saturday' ? '10 to 14' : '9 to 18'
}

export const week = () => DAYS.map(day => ({ day, hours: hours(day) }))
