/** Vite's way to take a file in as text. */
declare module '*?raw' {
  const text: string
  export default text
}
