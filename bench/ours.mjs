// Runs one function of our own sources in a process of its own and prints what it returns as a JSON line, so that each measurement starts afresh.
//
//   node bench/ours.mjs bench/peer/our-steps.mjs timeSteps '{"backbone": "resnet18", …}'
import { availableParallelism } from 'node:os'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runnerImport } from 'vite'
import { sourcePlugins } from '../scripts/source-plugins.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [file, name, question = '{}'] = process.argv.slice(2)
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'
process.env.TF_NUM_INTRAOP_THREADS ??= String(availableParallelism())
const { module } = await runnerImport(resolve(file), { root, configFile: false, plugins: sourcePlugins(root), logLevel: 'error' })
process.stdout.write(`${JSON.stringify(await module[name](JSON.parse(question)))}\n`)
