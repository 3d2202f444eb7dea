import { expect, test } from 'vitest'
import { contrast, parseHex } from './colors'
import tokens from './tokens.css?raw'

/** The values of one theme's names. */
function themeOf(name: 'light' | 'dark'): Map<string, string> {
  const block = new RegExp(`:root\\[data-mantine-color-scheme='${name}'\\]\\s*\\{([^}]*)\\}`).exec(tokens)
  return new Map([...(block?.[1] ?? '').matchAll(/(--[a-z0-9-]+):\s*(#[0-9a-f]{6})/gi)].map((match) => [match[1] ?? '', match[2] ?? '']))
}

const pairs = ['--ink', '--ink-2', '--ink-3', '--accent', '--accent-strong', '--amber', '--red', '--chart-train', '--chart-val'].flatMap((text) =>
  ['--paper', '--surface', '--sunken'].map((ground) => [text, ground] as const),
)
const tinted = [
  ['--on-accent', '--accent'],
  ['--on-accent', '--accent-strong'],
  ['--accent-strong', '--accent-soft'],
  ['--ink', '--accent-soft'],
  ['--ink-2', '--hover'],
  ['--ink-3', '--hover'],
  ['--amber', '--amber-soft'],
  ['--ink', '--amber-soft'],
  ['--ink-2', '--amber-soft'],
  ['--red', '--red-soft'],
  ['--ink', '--red-soft'],
  ['--ink-2', '--red-soft'],
] as const

for (const theme of ['light', 'dark'] as const) {
  const values = themeOf(theme)

  test.each([...pairs, ...tinted])(`${theme}: %s on %s can be read (4.5:1)`, (text, ground) => {
    const [front, back] = [values.get(text), values.get(ground)]
    expect(front, text).toBeDefined()
    expect(back, ground).toBeDefined()
    expect(contrast(parseHex(front ?? ''), parseHex(back ?? ''))).toBeGreaterThanOrEqual(4.5)
  })

  test(`${theme}: the edge of a control can be seen (3:1)`, () => {
    for (const ground of ['--paper', '--surface']) {
      expect(contrast(parseHex(values.get('--control-line') ?? ''), parseHex(values.get(ground) ?? ''))).toBeGreaterThanOrEqual(3)
    }
  })
}
