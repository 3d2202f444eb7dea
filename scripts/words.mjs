// The sentences of the studio, for Vite: Lingui's macros are written out as calls, and `./fr.po?words` is that catalogue as `{ id: message }`.
import { transformAsync } from '@babel/core'
import macros from '@lingui/babel-plugin-lingui-macro'
import { createCompiledCatalog, getCatalogs } from '@lingui/cli/api'
import { getConfig } from '@lingui/conf'

const MACRO = /from ['"]@lingui\/(?:core|react)\/macro['"]/
const CATALOGUE = /([\w-]+)\.po\?words$/
/** English with accents, of no people: what stays plain on the screen never went through the catalogue. */
const PSEUDO = 'en-XA'

/** A plugin for Vite; `root` is the folder of lingui.config.mjs. */
export function words(root) {
  const config = getConfig({ cwd: root })
  return {
    name: 'words',
    enforce: 'pre',
    async transform(code, id) {
      const [path] = id.split('?')
      if (!MACRO.test(code) || !/\.tsx?$/.test(path)) return null
      const { code: written, map } = await transformAsync(code, {
        filename: path,
        babelrc: false,
        configFile: false,
        sourceMaps: true,
        parserOpts: { plugins: path.endsWith('x') ? ['typescript', 'jsx'] : ['typescript'] },
        // A sentence stays beside its id, so that English needs no catalogue and lacks nothing.
        plugins: [[macros, { stripMessageField: false, linguiConfig: config }]],
      })
      return { code: written, map }
    },
    resolveId: (id) => (CATALOGUE.test(id) ? `\0${id}` : null),
    async load(id) {
      const [, language] = CATALOGUE.exec(id) ?? []
      if (language === undefined) return null
      const [catalogue] = await getCatalogs(config)
      const from = language === PSEUDO ? config.sourceLocale : language
      this.addWatchFile(catalogue.getFilename(from))
      const { messages } = await catalogue.getTranslations(from, { fallbackLocales: {}, sourceLocale: config.sourceLocale })
      return createCompiledCatalog(language, messages, { namespace: 'es', pseudoLocale: PSEUDO }).source
    },
  }
}
