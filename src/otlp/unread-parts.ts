const mostNamed = 5

/** Parts of a document that could not be read. A hostile document has millions of them, so only the first are named. */
export class UnreadParts {
  count = 0
  readonly named: Array<string> = []

  add(nameOf: () => string): void {
    this.count += 1
    if (this.named.length < mostNamed) this.named.push(nameOf())
  }
}
