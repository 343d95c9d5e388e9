const esModules = [
  '@jupyterlab',
  '@jupyter',
  '@lumino',
  'lib0',
  'y-protocols',
  'yjs',
  'flatbush',
  'flatqueue',
  'uplot',
  'd3-.*',
  'nanoid',
  'exenv-es6',
  'vscode-ws-jsonrpc'
].join('|');

module.exports = {
  preset: 'ts-jest/presets/js-with-babel',
  testEnvironment: 'jsdom',
  setupFiles: ['jest-canvas-mock'],
  setupFilesAfterEnv: ['<rootDir>/src/__tests__/retry.js'],
  testRegex: 'src/.*/__tests__/.*\\.spec\\.ts$|src/__tests__/.*\\.spec\\.ts$',
  transform: {
    '\\.ts$': ['ts-jest', { tsconfig: 'tsconfig.test.json', isolatedModules: true }],
    '\\.m?js$': 'babel-jest'
  },
  transformIgnorePatterns: [`/node_modules/(?!((${esModules})/))`],
  moduleNameMapper: { '\\.(css|svg)$': '<rootDir>/src/__tests__/empty.js' }
};
