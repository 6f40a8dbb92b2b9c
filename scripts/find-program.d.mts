/** The path of a program that the tests need; an error that says what to do where there is none. */
export function requireProgram(program: string): string;
