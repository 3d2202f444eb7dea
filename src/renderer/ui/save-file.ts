/** Hands a file to whoever looks: the browser's own way to save, which the desktop window has too. */

export function saveBlob(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 1000)
}

/** A file as it comes over the contract. */
export function saveFile(file: { readonly name: string; readonly mediaType: string; readonly base64: string }): void {
  const bytes = Uint8Array.from(atob(file.base64), (character) => character.charCodeAt(0))
  saveBlob(new Blob([bytes], { type: file.mediaType }), file.name)
}
