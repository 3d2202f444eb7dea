import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DEFAULT_RUN_CONFIG } from '../../shared/domain/run-config'
import { exampleEpoch, exampleEvaluation, exampleManifest, exampleRecord } from '../storage/run-folder.examples'
import { withFigures } from '../trainer/measure'
import { html } from './html'
import { renderReport } from './report'
import type { ReportContent } from './report-content'

const NASTY = '</h1><script>alert("x")</script><img src="http://example.org/x.png" onerror=alert(1)>'

function content(given: Partial<ReportContent> = {}): ReportContent {
  const evaluation = withFigures(exampleEvaluation(), { ...exampleEvaluation(), split: 'val' }, 42)
  return {
    record: { ...exampleRecord(), best_epoch: 2, status: 'completed' },
    config: DEFAULT_RUN_CONFIG,
    configText: 'backbone: efficientnet_lite0\n',
    manifest: exampleManifest(),
    epochs: [1, 2, 3].map(exampleEpoch),
    evaluations: [evaluation],
    findings: [{ kind: 'overfitting', severity: 'mild', headline: 'Mild. 95 against 80.', tries: ['more dropout'] }],
    mistakes: [{ path: 'c/3.jpg', truth: 'a, b', prediction: 'c', probability: 0.9, image: 'data:image/jpeg;base64,AAAA' }],
    mistakesCount: 1,
    network: { parameters: 10, trainable: 5, frozenLayers: 1, layers: 2 },
    versions: [['Graft', '0.1.0']],
    ...given,
  }
}

test('the report holds every part, and names nothing outside itself', async () => {
  const text = await renderReport(content())
  const folder = process.env['GRAFT_SCREENSHOTS']
  if (folder !== undefined) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'report.html'), text)
  }
  for (const part of ['What the numbers say', 'How it learned', 'Results by class', 'Confusion matrix', 'Calibration', 'Worst mistakes', 'Data', 'Settings', 'Worth a try: more dropout', 'Graft 0.1.0']) {
    expect(text.includes(part), part).toBe(true)
  }
  expect(text.match(/<svg/g)?.length).toBe(4)
  // Addresses within the file, in pictures' data and in the names of SVG alone.
  const addresses = [...text.matchAll(/(?:https?:)?\/\/[a-z0-9.]+/gi)].map(([address]) => address)
  expect(addresses.filter((address) => !address.includes('www.w3.org'))).toEqual([])
  expect(text.includes('content="default-src &#39;none&#39;')).toBe(true)
})

test('names of classes, files and runs are text and nothing else', async () => {
  const manifest = { ...exampleManifest(), classes: [NASTY, 'c'] }
  const evaluation = withFigures({ ...exampleEvaluation(), classes: [NASTY, 'c'] }, null, 42)
  const named = { ...evaluation, report: { ...evaluation.report, classes: evaluation.report.classes.map((row) => ({ ...row, name: NASTY })) } }
  const text = await renderReport(
    content({
      record: { ...exampleRecord(), name: NASTY, dataset_name: NASTY, device: NASTY },
      manifest,
      evaluations: [named],
      mistakes: [{ path: NASTY, truth: NASTY, prediction: 'c\u202e', probability: 1, image: null }],
      configText: `weights: ${NASTY}`,
      findings: [{ kind: 'little_data', severity: 'mild', headline: NASTY, tries: [NASTY] }],
    }),
  )
  expect(/<script|<img/.test(text)).toBe(false)
  expect(text.includes('\u202e')).toBe(false)
  expect(text.includes('&lt;script&gt;')).toBe(true)
})

test('an imported model without pictures has a report too', async () => {
  const manifest = { ...exampleManifest(), pictures: [] }
  const text = await renderReport(content({ record: { ...exampleRecord(), origin: 'imported' }, manifest, epochs: [], evaluations: [], findings: [], mistakes: [], mistakesCount: 0, network: null }))
  expect(text).toContain('The model has not been measured')
  expect(text).toContain('The model came without pictures')
  expect(text.includes('<svg')).toBe(false)
})

test('what is put into a template is escaped once', () => {
  expect(html`<b title="${'"<&'}">${['a<', html`<i>${"'"}</i>`, null, false, 3]}</b>`.text).toBe('<b title="&quot;&lt;&amp;">a&lt;<i>&#39;</i>3</b>')
})
