import { t } from '@lingui/core/macro'
import { ActionIcon, Menu } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import type { RefObject } from 'react'
import type { Series } from './line-panel'
import { copyChart, saveCsv, savePng, saveSvg } from './save-chart'

/** Takes a chart away: copied, or saved as a picture or as numbers. */
export function ChartMenu(props: { title: string; series: readonly Series[]; box: RefObject<HTMLDivElement | null> }) {
  const { title, series, box } = props
  const withBox = (use: (element: HTMLElement) => unknown) => () => {
    if (box.current !== null) void use(box.current)
  }
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon aria-label={t`Copy or save ${title}`} size={24}>
          <IconDots size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={withBox(copyChart)}>{t`Copy picture`}</Menu.Item>
        <Menu.Item onClick={withBox((element) => savePng(element, title))}>{t`Save PNG`}</Menu.Item>
        <Menu.Item onClick={withBox((element) => saveSvg(element, title))}>{t`Save SVG`}</Menu.Item>
        <Menu.Item onClick={() => saveCsv(series, title)}>{t`Save CSV`}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
