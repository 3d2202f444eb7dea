/** What PyTorch gives for the self-test's network; made by scripts/golden/make-self-test.py. */
export const SELF_TEST_EXPECTED = {
  evaluation: [-0.1089687, 0.4492997, -0.4504938, -0.1077041, 0.4496849, -0.4529988, -0.1085321, 0.4497328, -0.4527413, -0.108951, 0.4494138, -0.4507931],
  loss: 1.048033,
  gradientNorm: 0.07341725,
  weightSum: 29.1218,
}
