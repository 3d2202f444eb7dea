/** The large picture, alone or with heatmaps over it, and what chooses between them. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { SegmentedControl, Slider } from '@mantine/core'
import { IconPhotoOff } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import type { Explanation } from '../../../shared/domain/explanation'
import { HeatmapOverlay, HeatmapScale } from '../../ui/heatmap-overlay'
import { classesShown, heatmapOf, heatmapWords, type HeatmapMode } from './heatmap-modes'
import classes from './heatmap-stage.module.css'

export interface StagePicture {
  url: string
  truth: number
  prediction: number
}

export function HeatmapStage(props: { picture: StagePicture; classNames: readonly string[]; mode: HeatmapMode; explanation: Explanation | null; opacity: number; children?: ReactNode }) {
  const { picture, classNames, mode, explanation, opacity, children } = props
  const { truth, prediction, url } = picture
  const [failedUrl, setFailedUrl] = useState<string | null>(null)
  const shown = classesShown(mode, truth, prediction)
  const [name, answer] = [classNames[truth] ?? '', classNames[prediction] ?? '']
  const words = truth === prediction ? t`${name}, recognised` : t`${name}, taken for ${answer}`
  const filed = truth === prediction ? t`Filed as ${name}, recognised` : t`Filed as ${name}, taken for ${answer}`
  if (failedUrl === url) {
    return (
      <div className={classes.stage}>
        <p className={classes.gone}>
          <IconPhotoOff size={20} aria-hidden /> <Trans>This picture cannot be shown; it may have been moved.</Trans>
        </p>
      </div>
    )
  }
  return (
    <div className={classes.stage} data-pair={shown.length > 1 || undefined}>
      {shown.map((classIndex) => {
        const map = classIndex === null ? null : heatmapOf(explanation, classIndex)
        const shownName = classIndex === null ? '' : (classNames[classIndex] ?? '')
        const isEmpty = map !== null && !map.isSpokenFor
        return (
          <figure key={classIndex ?? 'picture'} className={classes.figure}>
            <div className={classes.image}>
              <HeatmapOverlay url={url} alt={map === null ? words : `${words}; ${heatmapWords(map, shownName)}`} map={map} opacity={opacity} onError={() => setFailedUrl(url)} />
            </div>
            <figcaption className={classes.caption}>
              <span className={`${classes.captionName} ellipsis`} title={classIndex === null ? filed : shownName}>
                {classIndex === null ? filed : isEmpty ? t`Nothing in this picture speaks for ${{ name: shownName }}` : t`What speaks for ${{ name: shownName }}`}
              </span>
              {classIndex !== null && <span className={classes.captionNote}>{classIndex === truth ? t`the truth` : t`the answer`}</span>}
            </figcaption>
          </figure>
        )
      })}
      {children}
    </div>
  )
}

/** A picture that the model was trained on, in the same room. */
export function TrainingPicture({ url, words }: { url: string; words: string }) {
  return (
    <div className={classes.stage}>
      <figure className={classes.figure}>
        <div className={classes.image}>
          <HeatmapOverlay url={url} alt={words} map={null} opacity={0} />
        </div>
        <figcaption className={classes.caption} role="status">
          {words}
        </figcaption>
      </figure>
    </div>
  )
}

export function HeatmapSwitch(props: { modes: readonly HeatmapMode[]; mode: HeatmapMode; truth: string; prediction: string; onChange: (mode: HeatmapMode) => void }) {
  const { modes, mode, truth, prediction, onChange } = props
  const label = (of: HeatmapMode): { name: string; note: string } => {
    if (of === 'picture') return { name: t`Picture`, note: '' }
    if (of === 'truth') return { name: truth, note: t`truth` }
    if (of === 'prediction') return { name: prediction, note: modes.includes('truth') ? t`answer` : '' }
    return { name: t`Both`, note: '' }
  }
  const spoken: Readonly<Record<HeatmapMode, string>> = { picture: t`Picture`, truth: t`Heatmap for ${truth}, the truth`, prediction: t`Heatmap for ${prediction}, the answer`, both: t`Both heatmaps side by side` }
  return (
    <SegmentedControl
      aria-label={t`What is shown`}
      className={classes.switch}
      value={mode}
      onChange={(value) => {
        const chosen = modes.find((other) => other === value)
        if (chosen !== undefined) onChange(chosen)
      }}
      data={modes.map((of, i) => ({
        value: of,
        label: (
          <span className={classes.mode}>
            <span className="visually-hidden">{spoken[of]}</span>
            <span className={`${classes.modeName} ellipsis`} title={spoken[of]} aria-hidden>
              {of === 'truth' || of === 'prediction' ? t`Heatmap: ${{ name: label(of).name }}` : label(of).name}
            </span>
            {label(of).note !== '' && (
              <span className={classes.note} aria-hidden>
                {label(of).note}
              </span>
            )}
            <kbd className={classes.key} aria-hidden>
              {i + 1}
            </kbd>
          </span>
        ),
      }))}
    />
  )
}

/** The scale of the colours, and how strongly they lie over the picture. Its room is kept where there is no heatmap. */
export function HeatmapFoot(props: { isShown: boolean; opacity: number; onOpacity: (opacity: number) => void }) {
  const { isShown, opacity, onOpacity } = props
  return (
    <div className={classes.foot} data-hidden={!isShown || undefined}>
      <HeatmapScale />
      <span className={classes.opacity}>
        <span className="meta" aria-hidden>
          <Trans>Opacity</Trans>
        </span>
        <Slider
          className={classes.slider}
          size="xs"
          min={0}
          max={100}
          step={5}
          label={null}
          disabled={!isShown}
          thumbLabel={t`Opacity of the heatmap`}
          value={Math.round(opacity * 100)}
          onChange={(value) => onOpacity(value / 100)}
        />
      </span>
    </div>
  )
}
