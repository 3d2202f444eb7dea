// Imports go one way. The table says what each part may import besides itself; everything else is an error.
// Tests beside the code may import more.
const parts = {
  shared: { path: '^src/shared/', may: [] },
  renderer: { path: '^src/renderer/', may: ['shared'] },
  // Where things are installed; leads nowhere.
  installation: { path: '^src/main/installation\\.ts$', may: [] },
  // Networks as data; listing them loads no TensorFlow.
  zoo: { path: '^src/main/engine/(zoo|layers)/', may: ['shared', 'engine'] },
  engineRuntime: { path: '^src/main/engine/runtime/', may: ['shared', 'engine'] },
  engine: { path: '^src/main/engine/', may: ['shared'] },
  storage: { path: '^src/main/storage/', may: ['shared'] },
  dataset: { path: '^src/main/dataset/', may: ['shared', 'storage'] },
  // Pictures of figures and the report of a run; only the trainer child draws.
  report: { path: '^src/main/report/', may: ['shared', 'storage'] },
  // entry*.ts is the child process; the rest of the folder is the host's side, which services may use.
  trainerHost: { path: '^src/main/trainer/(?!entry)', may: ['shared', 'installation', 'storage', 'dataset', 'engine', 'report'] },
  trainer: { path: '^src/main/trainer/', may: ['shared', 'installation', 'engine', 'dataset', 'storage', 'report'] },
  services: { path: '^src/main/services/', may: ['shared', 'installation', 'dataset', 'storage', 'trainerHost', 'zoo'] },
  cli: { path: '^src/main/cli/', may: ['shared', 'installation', 'services', 'served', 'storage'] },
  served: { path: '^src/main/served/', may: ['shared', 'installation', 'services', 'storage'] },
  electron: { path: '^src/main/electron/', may: ['shared', 'installation', 'services', 'storage'] },
  compositionRoot: { path: '^src/main/index\\.ts$', may: ['shared', 'installation', 'services', 'storage', 'electron', 'served'] },
}

// A part nested in another one is named more exactly there: these files belong to the inner part alone.
const nested = { trainer: ['trainerHost'], engine: ['engineRuntime', 'zoo'] }

// Packages that only one place may import.
const owners = [
  { package: 'electron', allowed: '^src/main/(electron/|index\\.ts$)', why: 'Everything but the window runs under plain Node.' },
  { package: '@tensorflow/[^/]+', allowed: '^src/main/engine/runtime/', why: 'One place knows TensorFlow for Node.' },
  { package: '(vega|vega-lite|opentype\\.js)', allowed: '^src/main/report/', why: 'One place draws figures.' },
  { package: 'onnxruntime-(node|common)', allowed: '^src/main/engine/runtime/onnx-session\\.ts$', why: 'One place knows ONNX Runtime.' },
]

const testFile = '\\.(test|spec)\\.tsx?$|/testing/|/fixtures/'

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
  to: { path: `(^|node_modules/)${owner.package}(/|$)`, pathNot: '^src/' },
}))

export default {
  forbidden: [
    ...partRules,
    ...ownerRules,
    {
      name: 'main-never-loads-tensorflow',
      severity: 'error',
      comment: 'The main process never loads TensorFlow, by whatever way: only the trainer (a child process) does.',
      from: { path: '^src/main/(index\\.ts$|cli/|services/|served/|electron/)', pathNot: testFile },
      to: { path: '^src/main/engine/runtime/', reachable: true },
    },
    {
      name: 'main-never-loads-the-plotting-library',
      severity: 'error',
      comment: 'The window opens without it: figures are drawn in a trainer child.',
      from: { path: '^src/main/(index\\.ts$|cli/|services/|served/|electron/)', pathNot: testFile },
      to: { path: '^src/main/report/', reachable: true },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Two files that import each other cannot be understood one at a time.',
      from: { path: '^src/' },
      // A cycle that exists in types alone is gone once compiled.
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      severity: 'error',
      comment: 'An import that leads nowhere; a catalogue of sentences is made by the bundler.',
      from: { path: '^src/' },
      to: { couldNotResolve: true, pathNot: '[.]po[?]words$' },
    },
    {
      name: 'shared-packages',
      severity: 'error',
      comment: 'src/shared runs anywhere: it may use zod, the contract package and the one of its sentences only.',
      from: { path: '^src/shared/', pathNot: testFile },
      to: { dependencyTypes: ['npm', 'npm-dev', 'core'], pathNot: 'node_modules/(zod|@orpc/contract|@lingui)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
}
