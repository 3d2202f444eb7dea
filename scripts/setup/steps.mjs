// Runs set-up steps in order: nothing is said where all is done, and one set-up at a time works on a checkout.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { SetupError } from './context.mjs'
import { withLock } from './lock.mjs'

/**
 * @typedef {{ name: string, optional?: boolean, isDone: (context: object) => boolean, run: (reporter: object, context: object) => Promise<void> }} Step
 */

/**
 * Runs the steps that are not done. A failing optional step is told and passed over; another one throws.
 * @param {Step[]} steps
 * @param {object} reporter see reporter.mjs
 * @param {{ root: string, cache: string }} context
 * @returns {Promise<Array<{ step: Step, error: Error }>>} the optional steps that failed
 */
export async function runSteps(steps, reporter, context) {
  if (steps.every((step) => step.isDone(context))) return []
  const failures = []
  const checkout = createHash('sha256').update(context.root).digest('hex').slice(0, 16)
  await withLock(
    join(context.cache, 'locks', `checkout-${checkout}.lock`),
    async () => {
      for (const step of steps) {
        if (step.isDone(context)) continue
        try {
          await step.run(reporter, context)
        } catch (error) {
          if (!step.optional) throw error
          failures.push({ step, error })
          reporter.fail(error.message)
          if (error.action) reporter.note(error.action)
        }
      }
    },
    (pid) => reporter.say(`[set-up] waiting for another set-up of this checkout (process ${pid})`),
  )
  return failures
}

/** Says why set-up stopped, on stderr. */
export function explain(error, reporter) {
  if (error instanceof SetupError) {
    reporter.say(`\nSet-up stopped: ${error.message}`)
    if (error.action) reporter.say(`\nWhat to do: ${error.action}`)
    return
  }
  reporter.say(`\nSet-up stopped on a fault of its own: ${error?.stack ?? String(error)}`)
}
