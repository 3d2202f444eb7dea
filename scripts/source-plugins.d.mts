import type { Plugin } from 'vite'

export function sourcePlugins(root: string): Plugin[]
