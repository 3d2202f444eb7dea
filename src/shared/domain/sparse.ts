/** Schemas for "only what is changed": zod's own `partial` would fill in the defaults of what is left out. */
import { z } from 'zod'

/** The same fields, each of which may be left out and then stays out. Unknown keys are refused. */
export function sparse<S extends z.ZodRawShape>(schema: z.ZodObject<S>): z.ZodType<Partial<z.output<z.ZodObject<S>>>> {
  const fields = Object.entries(schema.shape).map(([key, field]) => {
    const inner = field instanceof z.ZodDefault ? field.unwrap() : field
    return [key, z.optional(inner)]
  })
  return z.strictObject(Object.fromEntries(fields) as z.ZodRawShape) as unknown as z.ZodType<Partial<z.output<z.ZodObject<S>>>>
}
