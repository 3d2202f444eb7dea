/** Saves a figure as the run's folder has it: drawn for print, or its numbers. */
import { t } from '@lingui/core/macro'
import { ActionIcon, Loader, Menu } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { useState } from 'react'
import type { Split } from '../../../shared/domain/dataset'
import { FIGURE_FORMATS, type FigureFormat, type FigureName } from '../../../shared/domain/figure'
import { client } from '../../state/host'
import { report } from '../../state/machine'
import { saveFile } from '../../ui/save-file'

const FORMAT_WORDS: Readonly<Record<FigureFormat, string>> = { png: t`Save PNG, for print`, svg: t`Save SVG`, csv: t`Save CSV` }

export function FigureMenu(props: { runId: string; figure: FigureName; split: Split; /** What saves it, in words. */ label: string }) {
  const { runId, figure, split, label } = props
  const [isBusy, setIsBusy] = useState(false)
  const save = async (format: FigureFormat): Promise<void> => {
    setIsBusy(true)
    try {
      saveFile(await client().results.figure({ runId, figure, format, split }))
    } catch (error) {
      report(error)
    } finally {
      setIsBusy(false)
    }
  }
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon aria-label={label} aria-busy={isBusy} size={24}>
          {isBusy ? <Loader size={14} /> : <IconDots size={16} aria-hidden />}
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {FIGURE_FORMATS.map((format) => (
          <Menu.Item key={format} disabled={isBusy} onClick={() => void save(format)}>
            {FORMAT_WORDS[format]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
