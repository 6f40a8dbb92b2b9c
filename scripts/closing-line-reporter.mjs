// Prints the run's closing line, `N passed, N failed`, and fails a run in which a project or a file ran no test.

export default class ClosingLineReporter {
  onTestRunEnd(modules, unhandledErrors) {
    let passed = 0;
    let failed = unhandledErrors.length;
    const silent = [];
    for (const module of modules) {
      let ran = 0;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") passed += 1;
        if (state === "failed") failed += 1;
        if (state === "passed" || state === "failed") ran += 1;
      }
      if (module.state() === "failed" && ran === 0) failed += 1;
      if (ran === 0) silent.push(module.relativeModuleId);
    }
    for (const file of silent) console.error(`no test ran in ${file}`);
    if (silent.length > 0) process.exitCode = 1;
    console.log(`\n${passed} passed, ${failed} failed`);
  }
}
