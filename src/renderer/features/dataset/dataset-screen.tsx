export function DatasetScreen() {
  return (
    <main className="screen">
      <h1>Dataset</h1>
    </main>
  )
}
