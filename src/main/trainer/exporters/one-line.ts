/** Names of classes and runs on one line, whatever they hold. */

/** Control characters and every separator of lines as escapes: `a\u000ab`. A text without any is not changed. */
export function onOneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
