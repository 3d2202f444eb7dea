// What the engine can be made from, by system. Checksums are of the files that Python's package index serves.

/** The version of @tensorflow/tfjs-node-gpu whose addon is built or fetched; package.json pins the same. */
export const addonVersion = '4.22.0'

const linuxNames = {
  libraries: [
    { member: 'tensorflow/libtensorflow_cc.so.2', name: 'libtensorflow_cc.so.2', link: 'libtensorflow.so' },
    { member: 'tensorflow/libtensorflow_framework.so.2', name: 'libtensorflow_framework.so.2', link: 'libtensorflow_framework.so' },
  ],
}
const macNames = {
  libraries: [
    { member: 'tensorflow/libtensorflow_cc.2.dylib', name: 'libtensorflow_cc.2.dylib', link: 'libtensorflow.2.dylib' },
    { member: 'tensorflow/libtensorflow_framework.2.dylib', name: 'libtensorflow_framework.2.dylib', link: 'libtensorflow_framework.dylib' },
  ],
}

/** TensorFlow wheels by `platform-arch`. tested says whether the recipe ever ran on that system. */
export const wheels = {
  'linux-x64': {
    tested: true,
    package: 'tensorflow-cpu',
    version: '2.15.1',
    file: 'tensorflow_cpu-2.15.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
    sha256: '54660c074d7241a503e81edfd9f5ef5af88f64051b72e2945f26318c790f2d26',
    sizeBytes: 207_208_420,
    unpackedBytes: 640_000_000,
    pipOptions: ['--python-version', '3.11', '--only-binary=:all:', '--platform', 'manylinux2014_x86_64'],
    ...linuxNames,
  },
  'linux-arm64': {
    tested: false,
    package: 'tensorflow-cpu-aws',
    version: '2.15.1',
    file: 'tensorflow_cpu_aws-2.15.1-cp311-cp311-manylinux_2_17_aarch64.manylinux2014_aarch64.whl',
    sha256: 'd4c3a3a9363bf42999adedbbd514e3a133be2d62f61fee9cfa46aaefb087c09e',
    sizeBytes: 240_000_000,
    unpackedBytes: 800_000_000,
    pipOptions: ['--python-version', '3.11', '--only-binary=:all:', '--platform', 'manylinux2014_aarch64'],
    ...linuxNames,
  },
  'darwin-arm64': {
    tested: false,
    package: 'tensorflow',
    version: '2.16.2',
    file: 'tensorflow-2.16.2-cp311-cp311-macosx_12_0_arm64.whl',
    sha256: '2c8a0e79395639b762e62002db99b2f6cc608f744312c9940899c1128f325331',
    sizeBytes: 227_000_000,
    unpackedBytes: 800_000_000,
    pipOptions: ['--python-version', '3.11', '--only-binary=:all:', '--platform', 'macosx_12_0_arm64'],
    ...macNames,
  },
}

/** The headers that the addon's sources include, as folders in the wheel. */
export const headerFolders = ['tensorflow/c', 'tensorflow/core/platform', 'tsl', 'xla'].map((name) => `tensorflow/include/${name}/`)

/** TensorFlow's version in the package's own download (see its scripts/install.js). */
export function packageVersion(platform = process.platform, arch = process.arch) {
  if (platform === 'linux' && arch === 'arm') return '2.5'
  if ((platform === 'darwin' || platform === 'linux') && arch === 'arm64') return '2.7'
  return '2.9.1'
}
