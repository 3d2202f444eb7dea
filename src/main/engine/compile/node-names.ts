/** What writing a graph of named nodes takes in every format: scopes, names that are given once, constants that are written once. */
export class NodeNames {
  private readonly taken = new Set<string>()
  private readonly constants = new Map<string, string>()
  private prefix = ''

  /** Names of nodes added inside `build` start with `scope/`. */
  scoped<T>(scope: string, build: () => T): T {
    const outer = this.prefix
    this.prefix = `${outer}${scope}/`
    try {
      return build()
    } finally {
      this.prefix = outer
    }
  }

  /** A name within the scope that is open. */
  protected nameInScope(wanted: string): string {
    return this.freeName(this.prefix + wanted)
  }

  /** A name outside of any scope; one that is taken gets a number. */
  protected freeName(wanted: string): string {
    let unique = wanted
    for (let i = 1; this.taken.has(unique); i++) unique = `${wanted}_${i}`
    this.taken.add(unique)
    return unique
  }

  /** A name that has to be this one. */
  protected takeName(name: string): string {
    this.taken.add(name)
    return name
  }

  /** The constant of this type, shape and value. Constants are shared between scopes, so `write` gets a name outside of any. */
  protected sharedConstant(type: string, values: readonly number[], shape: readonly number[], write: (name: string) => void): string {
    const key = `${type}[${shape.join()}]:${values.join()}`
    const known = this.constants.get(key)
    if (known !== undefined) return known
    const name = this.freeName(`constant/${type}`)
    this.constants.set(key, name)
    write(name)
    return name
  }
}

/** Values and shape of a small constant: a bare number is a scalar, a list a vector where no shape is given. */
export function constantOf(values: number | readonly number[], shape?: readonly number[]): { list: readonly number[]; dims: readonly number[] } {
  if (typeof values === 'number') return { list: [values], dims: shape ?? [] }
  return { list: values, dims: shape ?? [values.length] }
}
