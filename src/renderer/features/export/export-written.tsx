/** What an export left behind, and that it was checked. */
import { Button } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { IconCircleCheck } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import type { ExportReport } from '../../../shared/domain/export'
import { client, host } from '../../state/host'
import { report as reportError } from '../../state/machine'
import { formatBytes, formatDuration, formatPlural } from '../../ui/format'
import classes from './export-screen.module.css'
import { verifiedText } from './verified-text'

export function ExportWritten(props: { report: ExportReport; onAgain: () => void }) {
  const { report, onAgain } = props
  const clipboard = useClipboard({ timeout: 1500 })
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const sizeBytes = report.files.reduce((sum, file) => sum + file.sizeBytes, 0)
  return (
    <section className={classes.written} aria-labelledby="written-title">
      <h2 id="written-title" ref={heading} tabIndex={-1} className={classes.writtenTitle}>
        Export written
      </h2>
      <p className={classes.verified}>
        <IconCircleCheck size={18} aria-hidden />
        <span>{verifiedText(report.parity)}</span>
      </p>
      <div className={classes.place}>
        <span className={`${classes.directory} mono`}>{report.directory}</span>
        <Button variant="default" onClick={() => clipboard.copy(report.directory)}>
          {clipboard.copied ? 'Copied' : 'Copy path'}
        </Button>
        {host().door === 'desktop' && (
          <Button variant="default" onClick={() => void client().files.reveal({ path: report.directory }).catch(reportError)}>
            Reveal
          </Button>
        )}
      </div>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col">What it is for</th>
            <th scope="col" className="number">
              Size
            </th>
          </tr>
        </thead>
        <tbody>
          {report.files.map((file) => (
            <tr key={file.name}>
              <td className="mono">{file.name}</td>
              <td>{file.what}</td>
              <td className="number">{formatBytes(file.sizeBytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className={classes.submit}>
        <Button variant="default" onClick={onAgain}>
          Export again
        </Button>
        <span className="meta">
          {formatPlural(report.files.length, 'file')}, {formatBytes(sizeBytes)}, {report.checkpoint} checkpoint, in {formatDuration(report.seconds)}
        </span>
      </div>
    </section>
  )
}
