/** The report's style sheet: light and dark, and on paper. */
import { DARK, type Palette, PRINT } from './palette'

const NAMES: readonly (readonly [property: string, key: keyof Palette])[] = [
  ['--ink', 'ink'],
  ['--quiet', 'quiet'],
  ['--line', 'line'],
  ['--grid', 'grid'],
  ['--train', 'train'],
  ['--validation', 'validation'],
  ['--warning', 'warning'],
  ['--right', 'right'],
  ['--error', 'error'],
  ['--on-error', 'onError'],
]

const values = (palette: Palette, paper: string) => `${NAMES.map(([property, key]) => `${property}:${palette[key] ?? 'transparent'}`).join(';')};--paper:${paper}`

export const STYLE = `
:root{color-scheme:light dark;${values(PRINT, '#fbfaf7')}}
@media (prefers-color-scheme:dark){:root{${values(DARK, '#191815')}}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:14px/1.5 Inter,system-ui,'Segoe UI','Noto Sans',sans-serif;font-variant-numeric:tabular-nums;-webkit-print-color-adjust:exact;print-color-adjust:exact}
main{max-width:980px;margin:0 auto;padding:48px 32px 64px}
h1{font-size:26px;line-height:32px;margin:0;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:18px;line-height:24px;margin:48px 0 12px;letter-spacing:-.006em}
h3{font-size:14px;line-height:20px;margin:24px 0 4px}
p{margin:0 0 8px;max-width:72ch}
.quiet,figcaption,dt,th{color:var(--quiet)}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(168px,1fr));margin:24px 0 0;border-top:1px solid var(--line);border-bottom:1px solid var(--line)}
.figures>div{padding:12px 16px 12px 0}
.figures dd{margin:0}
.figures dd:first-of-type{font-size:26px;line-height:34px;font-weight:600;letter-spacing:-.01em}
table{border-collapse:collapse;width:100%}
th,td{padding:5px 12px 5px 0;text-align:right;border-bottom:1px solid var(--grid);font-weight:400;vertical-align:top}
thead th{border-bottom-color:var(--line);white-space:nowrap}
th:first-child,td:first-child{text-align:left;overflow-wrap:anywhere}
tbody th{color:var(--ink)}
tfoot th,tfoot td{color:var(--quiet);border-bottom:0}
.wide{overflow-x:auto}
.pairs td:last-child{text-align:left;overflow-wrap:anywhere}
.pairs td:first-child{width:240px;color:var(--quiet)}
ul{margin:0 0 8px;padding-left:20px}
.finding{margin:0 0 16px}
.finding h3{margin:20px 0 2px}
.finding p{margin:0 0 2px}
.side{display:flex;flex-wrap:wrap;gap:0 24px}
.side figure{max-width:100%}
td{white-space:nowrap}
.pairs td{white-space:normal}
figure{margin:16px 0 0}
figure svg{display:block;max-width:100%;height:auto}
.mistakes{display:grid;grid-template-columns:repeat(auto-fill,minmax(140px,1fr));gap:20px 16px}
.mistakes figure{margin:0;break-inside:avoid}
.mistakes img,.mistakes .gone{display:block;width:100%;aspect-ratio:1;object-fit:cover;background:var(--grid);border-radius:2px}
.mistakes .gone{display:flex;align-items:center;justify-content:center;color:var(--quiet);padding:8px;text-align:center}
.mistakes figcaption{margin-top:6px;line-height:18px;font-size:13px;overflow-wrap:anywhere}
.mistakes b{color:var(--ink);font-weight:600}
details{margin-top:16px}
summary{cursor:pointer;color:var(--quiet)}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font:12px/1.5 ui-monospace,Menlo,Consolas,monospace}
footer{margin-top:56px;padding-top:12px;border-top:1px solid var(--line);color:var(--quiet);font-size:13px}
@media print{:root{color-scheme:light;${values(PRINT, '#ffffff')}}main{max-width:none;padding:0}h2{break-after:avoid}tr,figure,.finding{break-inside:avoid}details:not([open]){display:none}body{font-size:11px}}
@page{margin:16mm}
`
