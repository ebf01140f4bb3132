import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import hooks from 'eslint-plugin-react-hooks';
import typescript from 'typescript-eslint';

export default typescript.config(
  { ignores: ['lib', 'node_modules', 'lib-test'] },
  js.configs.recommended,
  ...typescript.configs.recommended,
  prettier,
  {
    plugins: { 'react-hooks': hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      // JupyterLab's own rules.
      '@typescript-eslint/naming-convention': [
        'error',
        { selector: 'interface', format: ['PascalCase'], custom: { regex: '^I[A-Z]', match: true } }
      ],
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { args: 'none' }],
      curly: ['error', 'all'],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'prefer-arrow-callback': 'error',
      'no-restricted-properties': [
        'error',
        { property: 'innerHTML', message: 'Text never becomes HTML; use textContent.' }
      ]
    }
  },
  {
    // A service and its token share a name, as everywhere in JupyterLab.
    files: ['src/tokens.ts'],
    rules: { '@typescript-eslint/no-redeclare': 'off' }
  },
  {
    // Icons are constant markup of this program.
    files: ['src/ui/icons.ts'],
    rules: { 'no-restricted-properties': 'off' }
  },
  {
    files: ['test/**/*.mjs', '*.mjs'],
    languageOptions: { globals: { process: 'readonly' } }
  }
);
