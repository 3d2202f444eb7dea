/** A model that came without pictures has no results: it is brought in once more with some. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import type { RunRecord } from '../../../shared/domain/run'
import { openSummary } from '../../state/dataset'
import { openImport, sourceAt } from '../../state/import'
import { go } from '../../state/place'
import { useRun } from '../../state/run'
import { bestWeightsPath } from '../../state/starting-model'
import { EmptyScreen } from '../../ui/empty-screen'

/** Where a file names no classes they are numbered; then the pictures' folders may name them. */
const NUMBERED = /^class \d+$/

export function NoPictures(props: { record: RunRecord }) {
  const { record } = props
  const directory = useRun((run) => run.directory)
  const config = useRun((run) => run.config)

  const measure = (): void => {
    if (directory === null) return
    const open = openSummary()
    const isNumbered = record.classes.every((name) => NUMBERED.test(name))
    const fits = open !== null && open.classes.length === record.classes.length && (isNumbered || open.classes.every(({ name }) => record.classes.includes(name)))
    openImport({
      source: sourceAt(bestWeightsPath(directory)),
      name: record.name,
      pictures: fits ? { kind: 'open', datasetId: open.datasetId } : { kind: 'none' },
      labels: isNumbered ? (fits ? open.classes.map(({ name }) => name).join('\n') : '') : record.classes.join('\n'),
      imageSize: config?.image_size ?? null,
    })
  }

  return (
    <EmptyScreen
      title={t`Results`}
      words={t`${{ name: record.name }} came without pictures, so there is nothing to measure it on. Choose pictures of its classes, and it is brought in once more with them, as a run of its own beside this one.`}
    >
      <Button disabled={directory === null} onClick={measure}>
        <Trans>Choose pictures</Trans>
      </Button>
      <Button variant="default" onClick={() => go('export')}>
        <Trans>Export it as it is</Trans>
      </Button>
    </EmptyScreen>
  )
}
