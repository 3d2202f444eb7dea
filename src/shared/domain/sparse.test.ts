import { expect, test } from 'vitest'
import { runConfigSchema } from './run-config'
import { sparse } from './sparse'

test('what is left out stays out, what is there is checked, what is unknown is refused', () => {
  const schema = sparse(runConfigSchema)
  expect(schema.parse({ epochs: 3 })).toEqual({ epochs: 3 })
  expect(schema.parse({ views: null })).toEqual({ views: null })
  expect(schema.safeParse({ epochs: 0 }).success).toBe(false)
  expect(schema.safeParse({ epoch: 3 }).success).toBe(false)
})
