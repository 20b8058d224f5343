// Prints how many tests passed and failed, from the JSON report of the test runner.
import { readFileSync } from 'node:fs';

const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
// A file that cannot be loaded has no tests to fail.
console.log(numPassedTests, numFailedTests === 0 ? numFailedTestSuites : numFailedTests);
