import { expect, test } from 'vitest'
import { SELF_TEST_EXPECTED } from '../self-test-expected'
import { runSelfTestJob, runSelfTestStep } from './self-test'

test('the engine computes PyTorch’s numbers forward and backward', () => {
  const got = runSelfTestStep()
  got.evaluation.forEach((value, i) => {
    expect(value).toBeCloseTo(SELF_TEST_EXPECTED.evaluation[i] ?? NaN, 5)
  })
  expect(got.loss).toBeCloseTo(SELF_TEST_EXPECTED.loss, 5)
  expect(got.gradientNorm).toBeCloseTo(SELF_TEST_EXPECTED.gradientNorm, 4)
  expect(got.weightSum).toBeCloseTo(SELF_TEST_EXPECTED.weightSum, 3)
})

test('the self-test job finds all well', async () => {
  const { device, checks } = await runSelfTestJob()
  expect(device.threads).toBeGreaterThan(0)
  expect(checks.filter((check) => check.status !== 'ok')).toEqual([])
})
