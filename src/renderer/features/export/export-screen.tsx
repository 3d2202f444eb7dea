export function ExportScreen() {
  return (
    <div className="screen">
      <h1>Export</h1>
    </div>
  )
}
