export function forbidden(message: string): Error {
  return Object.assign(new Error(message), { statusCode: 403, name: 'Forbidden' })
}
