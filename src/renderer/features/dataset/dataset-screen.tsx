export function DatasetScreen() {
  return (
    <div className="screen">
      <h1>Dataset</h1>
    </div>
  )
}
