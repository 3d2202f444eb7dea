export function ConfigureScreen() {
  return (
    <div className="screen">
      <h1>Configure</h1>
    </div>
  )
}
