// A vitest reporter that writes what scripts/test.mjs counts: numbers, and every skipped test with its reason.
import { writeFileSync } from 'node:fs'

export default class CountingReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: 0, skipped: [], errors: unhandledErrors.length }
    for (const module of modules) {
      let failedTests = 0
      for (const test of module.children.allTests()) {
        const result = test.result()
        if (result.state === 'passed') counts.passed += 1
        else if (result.state === 'failed') failedTests += 1
        else counts.skipped.push({ what: `${module.relativeModuleId ?? module.moduleId}: ${test.fullName}`, why: result.note ?? '' })
      }
      // A file that could not be loaded, or whose hooks failed, has no failed test of its own.
      counts.failed += failedTests === 0 && module.state() === 'failed' ? 1 : failedTests
    }
    writeFileSync(process.env.GRAFT_TEST_COUNTS, JSON.stringify(counts))
  }
}
