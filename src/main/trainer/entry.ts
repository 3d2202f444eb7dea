/** The trainer child: takes one job, does it, tells the result and ends. It ends by itself when its parent is gone. */
import { isCancellation, toFailure } from '../../shared/domain/error'
import { Control } from './control'
import type { JobContext } from './jobs/context'
import { runAnswerJob } from './jobs/answer'
import { runTrainJob } from './jobs/train'
import { runEvaluateJob } from './jobs/evaluate'
import { runExplainJob } from './jobs/explain'
import { runExportJob } from './jobs/export'
import { runFindRateJob } from './jobs/find-rate'
import { runForecastJob } from './jobs/forecast'
import { runImportJob } from './jobs/import'
import { runPredictJob } from './jobs/predict'
import { runProfileJob } from './jobs/profile'
import { runFigureJob, runReportJob } from './jobs/report'
import { runSelfTestJob } from './jobs/self-test'
import { runSuspectsJob } from './jobs/suspects'
import { RunFolder } from '../storage/run-folder'
import type { FromTrainer, Job, JobKind, JobResults, ToTrainer } from './messages'

/** Resolves once the message is on its way, so that the last one is not lost when the process ends. */
function send(message: FromTrainer): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve()
    else process.send(message, () => resolve())
  })
}

const control = new Control()
const context: JobContext = {
  sendEvent: (event) => void send({ type: 'event', event }),
  progress: (message, done, total, soFar) => void send({ type: 'progress', message, done, total, soFar }),
  note: (message) => void send({ type: 'note', message }),
  control,
}

/** Two trainers must not write one run: not after a crash that left the first one ending, nor where two users or containers share it. */
async function withRunClaimed<T>(directory: string, work: () => Promise<T>): Promise<T> {
  const release = await (await RunFolder.open(directory)).claim()
  try {
    return await work()
  } finally {
    // The claim of a process that has ended is nobody's; not being able to delete it takes nothing from the result.
    await release().catch(() => undefined)
  }
}

function run(job: Job): Promise<JobResults[JobKind]> {
  switch (job.kind) {
    case 'train':
      return withRunClaimed(job.runDirectory, () => runTrainJob(job, context))
    case 'evaluate':
      return runEvaluateJob(job, context)
    case 'predict':
      return runPredictJob(job, context)
    case 'answer':
      return runAnswerJob()
    case 'explain':
      return runExplainJob(job, context)
    case 'suspects':
      return runSuspectsJob(job, context)
    case 'export':
      return runExportJob(job, context)
    case 'forecast':
      return runForecastJob(job, context)
    case 'find-rate':
      return runFindRateJob(job, context)
    case 'import':
      return runImportJob(job, context)
    case 'profile':
      return runProfileJob(job, context)
    case 'report':
      return runReportJob(job, context)
    case 'figure':
      return runFigureJob(job)
    case 'self-test':
      return runSelfTestJob()
  }
}

async function serve(job: Job): Promise<never> {
  try {
    await send({ type: 'result', result: await run(job) })
  } catch (error) {
    await send({ type: 'failed', failure: isCancellation(error) ? { code: 'CONFLICT', message: 'Cancelled.' } : toFailure(error) })
  }
  // TensorFlow's threads would keep the process alive.
  process.exit(0)
}

process.on('message', (message: ToTrainer) => {
  switch (message.type) {
    case 'job':
      void serve(message.job)
      break
    case 'pause':
      control.pause()
      break
    case 'unpause':
      control.unpause()
      break
    case 'stop':
      control.stop()
      break
  }
})
process.on('disconnect', () => process.exit(0))
process.on('SIGTERM', () => {
  control.stop()
})
// Ctrl-C is the parent's to understand.
process.on('SIGINT', () => undefined)
