/** All there is to know of the run as one HTML file. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { IconFileText } from '@tabler/icons-react'
import { useState } from 'react'
import { client } from '../../state/host'
import { report } from '../../state/machine'
import { saveFile } from '../../ui/save-file'

export function ReportButton({ runId }: { runId: string }) {
  const [isBusy, setIsBusy] = useState(false)
  const save = async (): Promise<void> => {
    setIsBusy(true)
    try {
      saveFile(await client().results.report({ runId }))
    } catch (error) {
      report(error)
    } finally {
      setIsBusy(false)
    }
  }
  return (
    <Button variant="default" loading={isBusy} leftSection={<IconFileText size={16} aria-hidden />} title={t`One HTML file with everything on this page, for a browser or a printer`} onClick={() => void save()}>
      <Trans>Report</Trans>
    </Button>
  )
}
