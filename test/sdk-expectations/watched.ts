/** The same object, but every member that is looked for, read or set is noted. */
export function watched<T extends object>(object: T, touched: Set<string>): T {
  const note = (name: PropertyKey) => {
    if (typeof name === "string") touched.add(name);
  };
  return new Proxy(object, {
    has: (target, name) => {
      note(name);
      return Reflect.has(target, name);
    },
    get: (target, name) => {
      note(name);
      const value: unknown = Reflect.get(target, name);
      // Methods get to their private members only on the object itself.
      return typeof value === "function" ? value.bind(target) : value;
    },
    set: (target, name, value) => {
      note(name);
      return Reflect.set(target, name, value);
    },
  });
}
