import lingui from 'eslint-plugin-lingui'
import tseslint from 'typescript-eslint'

const commonRules = {
  eqeqeq: 'error',
  'no-var': 'error',
  'prefer-const': 'error',
  'no-console': 'off',
  'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'Export by name.' }],
}

// Configuration files are read by tools that insist on a default export.
const configurationFiles = ['*.config.js', '*.config.ts', '*.config.mjs', 'e2e/*.config.ts', 'scripts/test-reporter.mjs']

export default tseslint.config(
  { ignores: ['out/', 'dist/', 'node_modules/', 'bench/results/', '.cache/', '**/*.d.ts'] },
  {
    files: ['src/**/*.ts', 'src/**/*.tsx', 'e2e/**/*.ts'],
    ignores: ['e2e/*.config.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      ...commonRules,
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' }],
      '@typescript-eslint/no-deprecated': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // An async function without await still keeps a contract that others await.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    // What a person reads goes through the catalogue of src/shared/words. Left aside is what only looks like it.
    files: ['src/renderer/**/*.ts', 'src/renderer/**/*.tsx', 'src/shared/**/*.ts'],
    ignores: ['**/*.test.ts', '**/*.test.tsx', '**/*.examples.ts'],
    plugins: { lingui },
    rules: {
      'lingui/no-unlocalized-strings': [
        'error',
        {
          ignore: [
            '^[^A-Za-z]*$',
            '^[a-z0-9_.:/#-]*$', // an id, a value
            '^[a-z]+[A-Z][A-Za-z]*$', // a name in the code
            '^[A-Z][A-Z0-9_]*$',
            '^\\S*[/_=.:(){}#\\[\\]]\\S*$', // a path, a selector, an address
            '^(--|var\\(|url\\(|calc\\(|min\\(|max\\(|minmax\\(|repeat\\(|M |translate|inset |\\d+px |mod\\+)',
            '^(rgb|color-mix)\\(', // a colour
            '^.?Inter ', // the typeface
            '^[a-z]{2}-[A-Z]{2}$', // a language
            '^(mod \\+|mod|Ctrl|Shift|Alt|Esc|Escape|Enter|Delete|Backspace|Tab|Home|End|Arrow\\w+|Page\\w+)', // a key
            '^(\\w+Error|ConnectionLost|Cancelled)$', // an error's name
            '^\\W*(min|h|s)?\\W*(min|s)\\W*$', // units
            '^\\W*(Graft|MixUp|CutMix|RandAugment|ImageNet|AdamW?|RMSprop|Adagrad|PyTorch|TensorFlow( SavedModel)?)\\W*$',
            '^(no difference seen|nothing in common|right to wrong|wrong to right|wrong otherwise)$', // values of shared/domain/compare.ts
          ],
          ignoreNames: [
            'className', 'type', 'id', 'key', 'role', 'style', 'variant', 'color', 'size', 'd', 'viewBox', 'transform', 'fill', 'stroke', 'textAnchor', 'gridTemplateColumns', 'boxShadow',
            { regex: { pattern: '^data-' } },
            { regex: { pattern: '^aria-(?!label|description|valuetext|roledescription)' } },
          ],
          ignoreFunctions: [
            '*.get', '*.set', '*.has', '*.getItem', '*.setItem', '*.addEventListener', '*.removeEventListener', '*.includes', '*.startsWith', '*.endsWith', '*.split', '*.join', '*.closest', '*.matches',
            '*.querySelector', '*.querySelectorAll', '*.getElementById', '*.replace', '*.replaceAll', '*.localeCompare', '*.toLocaleString', 'Error', 'TypeError', 'Intl.NumberFormat', 'console.*', 'matchMedia', '*.setAttribute', 'z.enum', 'z.literal', 'Intl.DateTimeFormat', 'DOMException', 'compared',
          ],
        },
      ],
    },
  },
  {
    files: ['**/*.test.ts', '**/*.test.tsx', 'e2e/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Tests look into parsed JSON and into other programs' answers.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    files: ['scripts/**/*.mjs', 'bench/**/*.mjs', ...configurationFiles],
    extends: [tseslint.configs.recommended],
    rules: {
      ...commonRules,
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' }],
    },
  },
  { files: configurationFiles, rules: { 'no-restricted-syntax': 'off' } },
)
