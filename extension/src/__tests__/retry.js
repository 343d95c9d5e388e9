// Views are waited for by the clock, and CI's machine has spells in which everything takes several times as long.
jest.retryTimes(process.env.CI ? 2 : 0, { logErrorsBeforeRetry: true });
