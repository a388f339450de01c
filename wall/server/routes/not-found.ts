export const notFound = (message: string): Error => Object.assign(new Error(message), { statusCode: 404 })
