// Imports go one way. The table says what each part may import besides itself; everything else is an error.
// Tests beside the code may import more.
const parts = {
  shared: { path: '^src/shared/', may: [] },
  renderer: { path: '^src/renderer/', may: ['shared'] },
  engineRuntime: { path: '^src/main/engine/runtime/', may: ['shared', 'engine'] },
  engine: { path: '^src/main/engine/', may: ['shared'] },
  storage: { path: '^src/main/storage/', may: ['shared'] },
  dataset: { path: '^src/main/dataset/', may: ['shared', 'storage'] },
  trainerHost: { path: '^src/main/trainer/(host|messages)[^/]*\\.ts$', may: ['shared', 'storage'] },
  trainer: { path: '^src/main/trainer/', may: ['shared', 'engine', 'dataset', 'storage'] },
  services: { path: '^src/main/services/', may: ['shared', 'dataset', 'storage', 'trainerHost'] },
  cli: { path: '^src/main/cli/', may: ['shared', 'services', 'served', 'storage'] },
  served: { path: '^src/main/served/', may: ['shared', 'services', 'storage'] },
  electron: { path: '^src/main/electron/', may: ['shared', 'services', 'storage'] },
  compositionRoot: { path: '^src/main/index\\.ts$', may: ['shared', 'services', 'storage', 'electron', 'served'] },
}

// A part nested in another one is named more exactly there: these files belong to the inner part alone.
const nested = { trainer: ['trainerHost'], engine: [] }

// Packages that only one place may import.
const owners = [
  { package: 'electron', allowed: '^src/main/(electron/|index\\.ts$)', why: 'Everything but the window runs under plain Node.' },
  { package: '@tensorflow/[^/]+', allowed: '^src/main/engine/runtime/', why: 'One place knows TensorFlow for Node.' },
]

const testFile = '\\.(test|spec)\\.tsx?$|/testing/'

const partRules = Object.entries(parts).map(([name, part]) => ({
  name: `${name}-imports-one-way`,
  severity: 'error',
  comment: `${name} may import: itself${part.may.map((other) => `, ${other}`).join('')}.`,
  from: { path: part.path, pathNot: [testFile, ...(nested[name] ?? []).map((inner) => parts[inner].path)] },
  to: { path: '^src/', pathNot: [part.path, ...part.may.map((other) => parts[other].path)] },
}))

const ownerRules = owners.map((owner) => ({
  name: `only-there-${owner.package.replace(/[^a-z]/g, '') || 'package'}`,
  severity: 'error',
  comment: owner.why,
  from: { path: '^src/', pathNot: [owner.allowed, testFile] },
  to: { path: `(^|node_modules/)${owner.package}(/|$)` , pathNot: '^src/' },
}))

export default {
  forbidden: [
    ...partRules,
    ...ownerRules,
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Two files that import each other cannot be understood one at a time.',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'resolvable',
      severity: 'error',
      comment: 'An import that leads nowhere.',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'shared-packages',
      severity: 'error',
      comment: 'src/shared runs anywhere: it may use zod and the contract package only.',
      from: { path: '^src/shared/', pathNot: testFile },
      to: { dependencyTypes: ['npm', 'npm-dev', 'core'], pathNot: 'node_modules/(zod|@orpc/contract)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
}
