// One test that fails is enough to notice a change: the others of its file are left out then. A table of some hundred moves
// would fail, and explain itself, some hundred times.
const { TestEnvironment } = require('jest-environment-node');

module.exports = class extends TestEnvironment {
  hasFailed = false;

  handleTestEvent({ name, test }) {
    if (name === 'test_fn_failure') this.hasFailed = true;
    if (name === 'test_start' && this.hasFailed) test.mode = 'skip';
  }
};
