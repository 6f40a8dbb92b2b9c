/** What the main process asks of a server process, over the channel between parent and child. */
export type Question = "cpu" | "memory";

/** CPU time that the server process has used so far, in µs. */
interface CpuAnswer {
  readonly cpuUs: number;
}

/** What the server process holds after a forced collection of garbage. */
interface MemoryAnswer {
  readonly heapBytes: number;
  readonly rssBytes: number;
}

export interface Answers {
  readonly cpu: CpuAnswer;
  readonly memory: MemoryAnswer;
}

/** The first thing that a server process says. */
export interface Listening {
  readonly port: number;
}
