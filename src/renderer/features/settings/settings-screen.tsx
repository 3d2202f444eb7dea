export function SettingsScreen() {
  return (
    <main className="screen">
      <h1>Settings</h1>
    </main>
  )
}
