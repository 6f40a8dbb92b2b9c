// better-sqlite3 compiles where no prebuilt binary can be fetched, and node-gyp would then download Node's
// headers. Most Node installations carry them already: point node-gyp at those, so that an offline machine builds too.
const { existsSync } = require("node:fs");
const { dirname, join } = require("node:path");

const prefix = dirname(dirname(process.execPath));

module.exports = {
  hooks: {
    updateConfig(config) {
      if (existsSync(join(prefix, "include/node/node.h"))) config.rawConfig.nodedir ??= prefix;
      return config;
    },
  },
};
