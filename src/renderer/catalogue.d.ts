/** A catalogue, compiled by scripts/words.mjs. */
declare module '*.po?words' {
  export const messages: import('@lingui/core').Messages
}
