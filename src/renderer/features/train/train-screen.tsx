export function TrainScreen() {
  return (
    <div className="screen">
      <h1>Train</h1>
    </div>
  )
}
