import { expect, test } from 'vitest'
import { LINES, STEPS } from './onednn-lines.examples'
import { parsePrimitive, summarisePrimitives } from './primitives'

test('a line of oneDNN 3.2 says what ran, on which numbers and shape, how long and when', () => {
  expect(LINES.map(parsePrimitive).filter((primitive) => primitive !== null)).toHaveLength(7)
  expect(parsePrimitive(LINES.find((line) => line.includes('brg_fwd')) ?? '')).toEqual({
    atMs: 1795292065111.570068,
    kind: 'convolution',
    implementation: 'brg_fwd:avx512_core+brgconv_1x1:avx512_core',
    propagation: 'backward_data',
    types: 'f32',
    shape: 'mb4_ic96oc576_ih2oh2kh1sh1dh0ph0_iw2ow2kw1sw1dw0pw0',
    ms: 0.0888672,
  })
  expect(parsePrimitive(LINES.find((line) => line.includes('bf16,forward')) ?? '')).toMatchObject({ kind: 'convolution', implementation: 'jit_bf16:avx512_core_bf16', types: 'bf16' })
  // Without a name of its own, and with post-operations among its attributes.
  expect(parsePrimitive(LINES.find((line) => line.includes('gemm_api')) ?? '')).toMatchObject({ kind: 'gemm_api', implementation: '', shape: '4x2:2x1024', ms: 18.8562 })
  expect(parsePrimitive(LINES.find((line) => line.includes('inner_product')) ?? '')).toMatchObject({ implementation: 'x64:gemm:jit', propagation: 'forward_training', shape: 'mb4ic16oc8' })
})

test('older and newer versions are read, and nothing else is', () => {
  const line = 'exec,cpu,reorder,jit:uni,undef,src_f32::blocked:cdba:f0 dst_f32::blocked:Acdb16a:f0,,,16x3x3x3,0.25'
  const read = { kind: 'reorder', implementation: 'jit:uni', types: 'f32', shape: '16x3x3x3', ms: 0.25 }
  expect(parsePrimitive(`dnnl_verbose,${line}`)).toMatchObject({ ...read, atMs: null })
  expect(parsePrimitive(`onednn_verbose,v1,primitive,${line}\r`)).toMatchObject({ ...read, atMs: null })
  expect(parsePrimitive(`onednn_verbose,v1,1795292065037.6,primitive,${line}`)).toMatchObject({ ...read, atMs: 1795292065037.6 })
  const broken = ['', 'exec,cpu', `verbose,${line}`, 'onednn_verbose,info,gpu,runtime:none', 'onednn_verbose,create:cache_miss,cpu,reorder,jit:uni,undef,src,,,16x3x3x3,0.25', `onednn_verbose,${line}onednn`, 'onednn_verbose,exec,cpu,reorder,jit:uni']
  expect(broken.map(parsePrimitive)).toEqual(broken.map(() => null))
})

test('counts and times are of one of the steps that were listened to, the costliest first', () => {
  const primitives = summarisePrimitives(LINES.join('\n'), STEPS)
  if (!primitives.available) throw new Error(primitives.reason)
  const { groups, shapes, ...rest } = primitives
  expect(rest).toEqual({ available: true, version: 'v3.2.1', instructions: 'Intel AVX-512 with Intel DL Boost and bfloat16 support', steps: 2, step_ms: 40, total_ms: expect.closeTo((18.8562 + 0.840088 + 0.0888672) / 2, 9) })
  // What ran before the first of them does not count.
  expect(groups.map(({ kind, count }) => [kind, count])).toEqual([['gemm_api', 0.5], ['batch_normalization', 0.5], ['convolution', 0.5]])
  expect(shapes[0]).toEqual({ kind: 'gemm_api', implementation: '', propagation: 'undef', types: 'f32', shape: '4x2:2x1024', count: 0.5, ms: 18.8562 / 2 })
  expect(shapes.map(({ ms }) => ms)).toEqual(shapes.map(({ ms }) => ms).toSorted((a, b) => b - a))
})

test('without times all steps count; without a word there is a reason', () => {
  const untimed = LINES.map((line) => line.replace(/^onednn_verbose,\d+\.\d+,/, 'dnnl_verbose,'))
  const primitives = summarisePrimitives(untimed.join('\n'), STEPS)
  expect(primitives).toMatchObject({ available: true, steps: 4 })
  expect(primitives.available && primitives.groups.reduce((sum, { count }) => sum + count, 0)).toBe(7 / 4)
  expect(summarisePrimitives('Something else\n', STEPS)).toEqual({ available: false, reason: expect.stringMatching(/said nothing/) })
})
