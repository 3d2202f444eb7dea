// What Vite needs to read the sources of `src`: the program's build, the tests and the measurements have it.
import { threadText } from './thread-text.mjs'
import { words } from './words.mjs'

export const sourcePlugins = (root) => [words(root), threadText(root)]
