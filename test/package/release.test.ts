import { describe, expect, it } from "vitest"
import packageJson from "../../package.json" with { type: "json" }
import { changesOf } from "../../packaging/changes.ts"
import { publishedManifest } from "../../packaging/manifest.ts"

const changelog = "# Changelog\n\n## 0.2.0 (2027-01-02)\n\n- new\n\n## 0.1.0\n\n- first\n"

describe("a release", () => {
  it("has the changes of its version as its notes", () => {
    expect(changesOf("v0.2.0", "0.2.0", changelog)).toBe("- new")
    expect(changesOf("v0.1.0", "0.1.0", changelog)).toBe("- first")
  })

  it("is refused where tag, manifest and changelog do not agree", () => {
    expect(() => changesOf("v0.2.1", "0.2.0", changelog)).toThrow("package.json has 0.2.0")
    expect(() => changesOf("v0.3.0", "0.3.0", changelog)).toThrow('no section "## 0.3.0"')
  })

  it("says which repository it comes from, if it comes from one on GitHub", () => {
    expect(publishedManifest(packageJson, "owner/scopeline")).toMatchObject({
      repository: { type: "git", url: "git+https://github.com/owner/scopeline.git" },
      homepage: "https://github.com/owner/scopeline#readme",
      bugs: "https://github.com/owner/scopeline/issues",
    })
    expect(publishedManifest(packageJson)).not.toHaveProperty("repository")
  })
})
