import type { FastifyReply } from 'fastify'

/** Limits the bytes of the answers that clients have not read. Beyond it, the connection of the oldest answer is closed. */
export class UnreadAnswers {
  readonly #maxBytes: number
  #bytes = 0
  readonly #answers = new Map<FastifyReply, number>()

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Counts an answer that is about to be sent. It may be longer than the limit alone. */
  add(reply: FastifyReply, bytes: number): void {
    this.#answers.set(reply, bytes)
    this.#bytes += bytes
    reply.raw.once('close', () => this.#remove(reply))
    for (const oldest of this.#answers.keys()) {
      if (this.#bytes <= this.#maxBytes || oldest === reply) return
      this.#remove(oldest)
      oldest.raw.destroy()
    }
  }

  #remove(reply: FastifyReply): void {
    this.#bytes -= this.#answers.get(reply) ?? 0
    this.#answers.delete(reply)
  }
}
