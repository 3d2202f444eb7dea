// Where sentences are looked for, and the catalogues that they are gathered in; scripts/words.mjs puts them into the bundle.
import { resolve } from 'node:path'
import { defineConfig } from '@lingui/cli'
import { formatter } from '@lingui/format-po'

export default defineConfig({
  sourceLocale: 'en',
  locales: ['en'],
  catalogs: [{ path: 'src/shared/words/{locale}', include: ['src/renderer', 'src/shared'], exclude: ['**/*.test.*'] }],
  format: formatter({ lineNumbers: false }),
  orderBy: 'message',
  runtimeConfigModule: [resolve(import.meta.dirname, 'src/shared/words/words.ts'), 'words'],
})
