/** Chooses an epoch of a run: by mouse, by arrow keys, or played from the first to the last. */
import { t } from '@lingui/core/macro'
import { ActionIcon, Slider } from '@mantine/core'
import { useReducedMotion } from '@mantine/hooks'
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import classes from './epoch-slider.module.css'

/** A run is played in so long, but an epoch stays long enough to be seen. */
const PLAYED_MS = 8000
const SHORTEST_MS = 120
const LONGEST_MS = 500
/** Where the system asks for less motion. */
const CALM_MS = 1200

interface EpochSliderProps {
  label: string
  /** Epochs that there are, from 1. */
  last: number
  value: number
  best: number | null
  onChange: (epoch: number) => void
}

export function EpochSlider({ label, last, value, best, onChange }: EpochSliderProps) {
  const isCalm = useReducedMotion()
  const [isPlaying, setIsPlaying] = useState(false)
  useEffect(() => {
    if (!isPlaying) return
    if (value >= last) {
      setIsPlaying(false)
      return
    }
    const pause = isCalm ? CALM_MS : Math.min(LONGEST_MS, Math.max(SHORTEST_MS, PLAYED_MS / last))
    const timer = setTimeout(() => onChange(value + 1), pause)
    return () => clearTimeout(timer)
  }, [isPlaying, value, last, isCalm, onChange])
  const play = (): void => {
    if (!isPlaying && value >= last) onChange(1)
    setIsPlaying(!isPlaying)
  }
  return (
    <div className={classes.root}>
      <ActionIcon aria-label={isPlaying ? t`Stop playing the epochs` : t`Play the epochs`} size={24} disabled={last < 2} onClick={play}>
        {isPlaying ? <IconPlayerPause size={14} aria-hidden /> : <IconPlayerPlay size={14} aria-hidden />}
      </ActionIcon>
      <Slider
        className={classes.slider ?? ''}
        size="xs"
        min={1}
        max={Math.max(2, last)}
        step={1}
        label={null}
        disabled={last < 2}
        thumbLabel={label}
        thumbValueText={(epoch) => (epoch === best ? t`epoch ${epoch} of ${last}, best` : t`epoch ${epoch} of ${last}`)}
        {...(best !== null && best <= last && last > 1 ? { marks: [{ value: best }] } : {})}
        value={last < 2 ? 1 : value}
        onChange={(epoch) => {
          setIsPlaying(false)
          onChange(epoch)
        }}
      />
    </div>
  )
}
