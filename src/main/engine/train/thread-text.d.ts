/** The code of a thread with all it imports, as text: scripts/thread-text.mjs. */
declare module '*?thread' {
  const text: string
  export default text
}
