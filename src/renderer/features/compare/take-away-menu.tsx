/** Takes a figure away: copied, or saved as a picture or as numbers. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { ActionIcon, Menu } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import type { RefObject } from 'react'
import { report } from '../../state/machine'
import { copyChart, safeName, savePng, saveSvg } from '../../ui/charts/save-chart'
import { copyText } from '../../ui/copy-text'
import { saveBlob } from '../../ui/save-file'

export function TakeAwayMenu(props: { title: string; csv: () => string; /** Holds the drawing; left out for a table. */ box?: RefObject<HTMLDivElement | null> }) {
  const { title, csv, box } = props
  const withBox = (use: (element: HTMLElement) => unknown) => () => {
    const element = box?.current
    if (element !== null && element !== undefined) void use(element)
  }
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon aria-label={t`Copy or save ${title}`} size={24}>
          <IconDots size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {box !== undefined && (
          <>
            <Menu.Item onClick={withBox((element) => copyChart(element).catch(report))}>
              <Trans>Copy picture</Trans>
            </Menu.Item>
            <Menu.Item onClick={withBox((element) => savePng(element, title).catch(report))}>
              <Trans>Save PNG</Trans>
            </Menu.Item>
            <Menu.Item onClick={withBox((element) => saveSvg(element, title))}>
              <Trans>Save SVG</Trans>
            </Menu.Item>
          </>
        )}
        <Menu.Item onClick={() => void copyText(csv())}>
          <Trans>Copy CSV</Trans>
        </Menu.Item>
        <Menu.Item onClick={() => saveBlob(new Blob([csv()], { type: 'text/csv' }), `${safeName(title)}.csv`)}>
          <Trans>Save CSV</Trans>
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
