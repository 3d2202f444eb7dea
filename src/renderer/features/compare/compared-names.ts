/** Runs side by side go by letters, each with a colour: Okabe and Ito's, darker on paper and lighter at night so that thin lines are seen. */

const LETTERS = 'ABCDEFGH'

export const letterOf = (index: number): string => LETTERS[index] ?? String(index + 1)

export const runColor = (index: number): string => `var(--run-${index % LETTERS.length})`
