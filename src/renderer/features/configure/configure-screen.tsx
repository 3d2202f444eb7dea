export function ConfigureScreen() {
  return (
    <main className="screen">
      <h1>Configure</h1>
    </main>
  )
}
