'use strict';

const security = require('eslint-plugin-security');
const sqlTemplate = require('eslint-plugin-sql-template');

module.exports = [
  { ignores: ['node_modules/', 'reports/', '.deploy/'] },
  security.configs.recommended,
  {
    files: ['**/*.js'],
    languageOptions: { sourceType: 'commonjs' },
    plugins: { 'sql-template': sqlTemplate },
    rules: {
      'sql-template/no-unsafe-query': 'error',
      // Too many false alarms in code that only indexes its own tables.
      'security/detect-object-injection': 'off',
    },
  },
  {
    // Tests and rollout scripts read and write files of their own making, and start programs of their own.
    files: ['test/**', 'deploy/**'],
    rules: { 'security/detect-non-literal-fs-filename': 'off', 'security/detect-child-process': 'off' },
  },
  {
    // A version of the service is started from wherever it was unpacked.
    files: ['deploy/instance.js'],
    rules: { 'security/detect-non-literal-require': 'off' },
  },
];
