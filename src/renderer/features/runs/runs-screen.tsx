export function RunsScreen() {
  return (
    <main className="screen">
      <h1>Runs</h1>
    </main>
  )
}
