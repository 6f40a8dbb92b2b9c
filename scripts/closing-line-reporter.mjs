// Prints the run's closing line, `N passed, N failed`. Fails a run in which a file ran no test, and in CI also one in
// which a package with a test script had no test file at all.
import { readFileSync } from "node:fs";
import { join } from "node:path";

export default class ClosingLineReporter {
  #vitest;

  onInit(vitest) {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules, unhandledErrors) {
    let passed = 0;
    let failed = unhandledErrors.length;
    const silent = process.env.CI ? this.#projectsWithout(modules) : [];
    for (const module of modules) {
      const states = [...module.children.allTests()].map((test) => test.result().state);
      const passedHere = states.filter((state) => state === "passed").length;
      const failedHere = states.filter((state) => state === "failed").length;
      passed += passedHere;
      failed += failedHere;
      if (passedHere + failedHere > 0) continue;
      silent.push(module.relativeModuleId);
      if (module.state() === "failed") failed += 1;
    }
    for (const suite of silent) console.error(`no test ran in ${suite}`);
    if (silent.length > 0) process.exitCode = 1;
    console.log(`\n${passed} passed, ${failed} failed`);
  }

  #projectsWithout(modules) {
    const seen = new Set(modules.map((module) => module.project.name));
    const projects = this.#vitest.projects.filter(({ name }) => !seen.has(name));
    return projects.filter(hasTestScript).map(({ name }) => name);
  }
}

function hasTestScript(project) {
  const manifest = JSON.parse(readFileSync(join(project.config.root, "package.json"), "utf8"));
  return manifest.scripts?.test !== undefined;
}
