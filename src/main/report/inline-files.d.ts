/** Vite turns the file into a `data:` address within the bundle. */
declare module '*.woff?inline' {
  const address: string
  export default address
}
