export function ResultsScreen() {
  return (
    <div className="screen">
      <h1>Results</h1>
    </div>
  )
}
