/** Where the tests are, and the module that Vite makes of the schema. */

import { defineConfig } from "vitest/config";
import { validatorPlugin } from "./tools/validator.js";

export default defineConfig({
  plugins: [validatorPlugin()],
  test: {
    include: ["{runtime,library,service,app,try,prove,extension}/**/*.test.ts", "tools/*.test.js"],
    testTimeout: 60_000,
  },
});
