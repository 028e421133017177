declare module "bun:test" {
  export const test: {
    readonly concurrent: (title: string, run: () => Promise<unknown>) => void
  }
}
