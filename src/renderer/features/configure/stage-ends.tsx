/** The ends of the stages in the picture of the plan, to be dragged; by keyboard an epoch at a time. */
import { t } from '@lingui/core/macro'
import { useRef, type KeyboardEvent, type PointerEvent } from 'react'
import type { StageRates } from '../../../shared/domain/rate-plan'
import { epochCount } from '../../ui/counts'
import classes from './recipe-picture.module.css'

export const MOST_EPOCHS = 10_000
/** Epochs of a large step by keyboard. */
const LARGE_STEP = 5

interface StageEndsProps {
  plan: readonly StageRates[]
  /** Pixels from the left of a time, in epochs. */
  x: (epoch: number) => number
  pixelsPerEpoch: number
  /** The scale is held while an end is dragged, so that it stays under the pointer. */
  onGrab: (isHeld: boolean) => void
  onEpochs: (index: number, epochs: number) => void
}

/** Epochs after a drag by so many pixels. */
export function draggedEpochs(epochs: number, pixels: number, pixelsPerEpoch: number): number {
  return Math.min(MOST_EPOCHS, Math.max(1, Math.round(epochs + pixels / pixelsPerEpoch)))
}

export function StageEnds({ plan, x, pixelsPerEpoch, onGrab, onEpochs }: StageEndsProps) {
  const grabbed = useRef<{ index: number; fromX: number; epochs: number; pixelsPerEpoch: number } | null>(null)
  const letGo = (): void => {
    if (grabbed.current === null) return
    grabbed.current = null
    onGrab(false)
  }
  return (
    <>
      {plan.map(({ stage }, index) => {
        const label = plan.length === 1 ? t`End of training` : t`End of ${{ stage: stage.name }}`
        const set = (epochs: number): void => {
          if (epochs !== stage.epochs) onEpochs(index, epochs)
        }
        const onPointerDown = (event: PointerEvent): void => {
          if (event.button !== 0) return
          event.currentTarget.setPointerCapture(event.pointerId)
          grabbed.current = { index, fromX: event.clientX, epochs: stage.epochs, pixelsPerEpoch }
          onGrab(true)
        }
        const onPointerMove = (event: PointerEvent): void => {
          const from = grabbed.current
          if (from?.index === index) set(draggedEpochs(from.epochs, event.clientX - from.fromX, from.pixelsPerEpoch))
        }
        const onKeyDown = (event: KeyboardEvent): void => {
          const from = grabbed.current
          const moves: Record<string, number | undefined> = {
            ArrowRight: stage.epochs + 1,
            ArrowUp: stage.epochs + 1,
            ArrowLeft: stage.epochs - 1,
            ArrowDown: stage.epochs - 1,
            PageUp: stage.epochs + LARGE_STEP,
            PageDown: stage.epochs - LARGE_STEP,
            Home: 1,
            Escape: from?.epochs,
          }
          const next = moves[event.key]
          if (next === undefined) return
          event.preventDefault()
          if (event.key === 'Escape') letGo()
          set(draggedEpochs(next, 0, 1))
        }
        return (
          <div
            key={stage.index}
            className={classes.end}
            style={{ left: x(stage.firstEpoch - 1 + stage.epochs) }}
            role="slider"
            tabIndex={0}
            aria-label={label}
            aria-valuemin={1}
            aria-valuemax={MOST_EPOCHS}
            aria-valuenow={stage.epochs}
            aria-valuetext={epochCount(stage.epochs)}
            title={t`Drag, or move it with the arrow keys`}
            onPointerDown={onPointerDown}
            onPointerMove={onPointerMove}
            onPointerUp={letGo}
            onPointerCancel={letGo}
            onKeyDown={onKeyDown}
          />
        )
      })}
    </>
  )
}
