import { describe, expect, it } from "vitest";
import { pairwise, product } from "./pairwise.js";

const COLUMNS = [
  {
    columns: [
      ["node", "express", "fastify", "web"],
      ["memory", "sqlite"],
      ["v1", "v2"],
    ],
    rows: 8,
  },
  {
    columns: [
      ["a", "b", "c"],
      ["a", "b", "c"],
      ["a", "b", "c"],
    ],
    rows: 10,
  },
  { columns: [["a"], ["b"], ["c"]], rows: 1 },
  { columns: [["a", "b", "c"]], rows: 3 },
];

describe("pairwise", () => {
  it.each(COLUMNS)("$rows rows of $columns let every two values meet", ({ columns, rows }) => {
    const chosen = pairwise(columns);
    expect(chosen).toHaveLength(rows);
    for (const [first, left] of columns.entries()) {
      for (const [second, right] of columns.entries()) {
        if (first >= second) continue;
        for (const [one, other] of product([left, right])) {
          const met = chosen.some((row) => row[first] === one && row[second] === other);
          expect(met, `${one} and ${other}`).toBe(true);
        }
      }
    }
    expect(pairwise(columns)).toEqual(chosen);
  });

  it("the product has every combination once", () => {
    expect(
      product([
        ["a", "b"],
        ["c", "d"],
      ]).map((row) => row.join("")),
    ).toEqual(["ac", "ad", "bc", "bd"]);
  });
});
