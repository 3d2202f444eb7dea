/** A function of a WebAssembly kernel, which TypeScript knows nothing of. */
export type ExportedFunction = (...values: number[]) => number

const isFunction = (value: unknown): value is ExportedFunction => typeof value === 'function'

/** @throws Error where the kernel has none of this name */
export function exportedFunction(exports: Readonly<Record<string, unknown>>, name: string): ExportedFunction {
  const value = exports[name]
  if (!isFunction(value)) throw new Error(`The kernel has no function ${name}`)
  return value
}
