// Must parse and run on any Node that has modules, so that an old one gets a sentence instead of a syntax error.
const needed = [20, 19]

/** The complaint about this Node's version, or undefined where it will do. */
export function nodeVersionProblem(version = process.versions.node) {
  const parts = version.split('.').map(Number)
  if (parts[0] > needed[0] || (parts[0] === needed[0] && parts[1] >= needed[1])) return undefined
  return `Graft needs Node ${needed.join('.')} or newer; this is Node ${version}. Get a current one from https://nodejs.org, then run the same command again.`
}
