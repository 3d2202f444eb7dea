/** A picture with where the model looked laid over it, and the scale that says what its colours mean. */
import { t } from '@lingui/core/macro'
import { useEffect, useRef, useState } from 'react'
import { heatColor, type HeatmapGrid, paintHeatmap } from '../../shared/domain/heatmap'
import classes from './heatmap-overlay.module.css'

/** Longer side of what is painted; it is enlarged smoothly to the picture's own size, so that both fill the same room. */
const PAINTED_SIDE = 192

function paint(canvas: HTMLCanvasElement, map: HeatmapGrid, width: number, height: number): void {
  const scale = Math.min(1, PAINTED_SIDE / Math.max(width, height))
  const small = document.createElement('canvas')
  small.width = Math.max(1, Math.round(width * scale))
  small.height = Math.max(1, Math.round(height * scale))
  small.getContext('2d')?.putImageData(new ImageData(paintHeatmap(map, small.width, small.height), small.width, small.height), 0, 0)
  canvas.width = width
  canvas.height = height
  canvas.getContext('2d')?.drawImage(small, 0, 0, width, height)
}

/** Fills its parent and shows the whole picture in it. `map` null: the picture alone. `opacity`: of the map, 0…1. */
export function HeatmapOverlay(props: { url: string; alt: string; map: HeatmapGrid | null; opacity: number; onError?: () => void }) {
  const { url, alt, map, opacity, onError } = props
  const canvas = useRef<HTMLCanvasElement>(null)
  const [shape, setShape] = useState<{ url: string; width: number; height: number } | null>(null)
  const isShaped = shape !== null && shape.url === url
  useEffect(() => {
    const element = canvas.current
    if (element === null || map === null || shape === null || shape.url !== url) return
    paint(element, map, shape.width, shape.height)
  }, [map, shape, url])
  return (
    <span className={classes.frame}>
      <img
        src={url}
        alt={alt}
        draggable={false}
        onError={onError}
        onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => setShape({ url, width: Math.max(1, naturalWidth), height: Math.max(1, naturalHeight) })}
      />
      {map !== null && <canvas ref={canvas} className={classes.map} style={{ opacity: isShaped ? opacity : 0 }} aria-hidden />}
    </span>
  )
}

const STOPS = Array.from({ length: 9 }, (_, i) => `rgb(${heatColor(i / 8).join(' ')})`).join(', ')

/** What the colours of a heatmap mean. */
export function HeatmapScale() {
  return (
    <span className={classes.scale}>
      <span className="meta">{t`little`}</span>
      <span className={classes.bar} style={{ backgroundImage: `linear-gradient(to right, ${STOPS})` }} aria-hidden />
      <span className="meta">{t`much`}</span>
    </span>
  )
}
