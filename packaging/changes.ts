/** What the changelog has on a version; fails if the tag, the manifest and the changelog do not agree. */
export const changesOf = (tag: string, version: string, changelog: string): string => {
  if (tag !== `v${version}`) throw new Error(`The tag is ${tag}, and package.json has ${version}.`)
  const [, ...sections] = changelog.split(/^## /m)
  const section = sections.find((text) => text.split(/\s/, 1)[0] === version)
  if (section === undefined) throw new Error(`CHANGELOG.md has no section "## ${version}".`)
  return section.slice(section.indexOf("\n") + 1).trim()
}
