/** What an export's folder holds: its check by class, code to begin with, the model card, the files. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, Tabs } from '@mantine/core'
import type { ExportReport } from '../../../shared/domain/export'
import { useCopy } from '../../ui/copy-text'
import { fileCount } from '../../ui/counts'
import { formatBytes } from '../../ui/format'
import { ClassChecks } from './class-checks'
import { ModelCard } from './model-card'
import classes from './report-tabs.module.css'

export function ReportTabs({ report }: { report: ExportReport }) {
  return (
    <Tabs defaultValue="classes" keepMounted={false} className={classes.tabs ?? ''}>
      <Tabs.List>
        <Tabs.Tab value="classes">{t`By class`}</Tabs.Tab>
        <Tabs.Tab value="code">{t`Code`}</Tabs.Tab>
        <Tabs.Tab value="card">{t`Model card`}</Tabs.Tab>
        <Tabs.Tab value="files">{t`Files`}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="classes" className={classes.panel ?? ''}>
        <ClassChecks rows={report.parity.classes} />
      </Tabs.Panel>
      <Tabs.Panel value="code" className={classes.panel ?? ''}>
        <Code example={report.example} />
      </Tabs.Panel>
      <Tabs.Panel value="card" className={classes.panel ?? ''}>
        <ModelCard card={report.card} />
      </Tabs.Panel>
      <Tabs.Panel value="files" className={classes.panel ?? ''}>
        <Files files={report.files} />
      </Tabs.Panel>
    </Tabs>
  )
}

// eslint-disable-next-line lingui/no-unlocalized-strings -- names
const LANGUAGES: Readonly<Record<string, string>> = { python: 'Python', html: t`HTML and JavaScript`, javascript: 'JavaScript' }

function Code({ example }: { example: ExportReport['example'] }) {
  const clipboard = useCopy()
  return (
    <>
      <div className={classes.head}>
        <p>
          <span className="mono">{example.file}</span> <span className="meta">{t`${{ language: LANGUAGES[example.language] ?? example.language }}; it lies in the folder and runs as it is`}</span>
        </p>
        <Button variant="default" onClick={() => clipboard.copy(example.text)}>
          {clipboard.copied ? t`Copied` : t`Copy code`}
        </Button>
      </div>
      <pre className={classes.code} tabIndex={0} aria-label={t`Code of ${{ file: example.file }}`}>
        <code>{example.text.trimEnd()}</code>
      </pre>
    </>
  )
}

function Files({ files }: { files: ExportReport['files'] }) {
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0)
  return (
    <div className={classes.frame} tabIndex={0} role="region" aria-label={t`Files`}>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">
              <Trans>File</Trans>
            </th>
            <th scope="col">
              <Trans>What it is for</Trans>
            </th>
            <th scope="col" className="number">
              <Trans>Size</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {files.map((file) => (
            <tr key={file.name}>
              <td className="mono">{file.name}</td>
              <td>{file.what}</td>
              <td className={`number ${classes.size}`}>{formatBytes(file.sizeBytes)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <td colSpan={2}>{fileCount(files.length)}</td>
            <td className="number">{formatBytes(sizeBytes)}</td>
          </tr>
        </tfoot>
      </table>
    </div>
  )
}
