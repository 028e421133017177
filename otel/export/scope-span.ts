import {
  CODE_FILE,
  CODE_FUNCTION,
  CODE_LINE,
  EXIT,
  FIBER_ID,
  LIFETIME_KIND,
  SCOPE_CLOSE,
  SCOPE_FINALIZERS,
  SCOPE_FINALIZERS_DURATION,
  SCOPE_NAME,
  SCOPE_ROLE,
  spanName,
} from "../attributes.ts"
import type { ScopeRecord } from "../instrument/records/record.ts"
import { millisBetween } from "../lifetimes/time.ts"
import { eventAt, type Form } from "./span-form.ts"

/** The span form of a scope. */
export const scopeForm = (scope: ScopeRecord): Form => ({
  name: spanName.scope(scope.name),
  attributes: {
    [LIFETIME_KIND]: "scope",
    [SCOPE_NAME]: scope.name,
    [SCOPE_ROLE]: scope.role,
    [CODE_FUNCTION]: scope.code?.function,
    [CODE_FILE]: scope.code?.file,
    [CODE_LINE]: scope.code?.line,
  },
  events: eventAt(SCOPE_CLOSE, scope.closedAt, {
    [EXIT]: scope.exit,
    [FIBER_ID]: scope.closedByFiber,
    [SCOPE_FINALIZERS]: scope.finalizers,
    [SCOPE_FINALIZERS_DURATION]:
      scope.closedAt === undefined || scope.endedAt === undefined
        ? undefined
        : millisBetween(scope.closedAt, scope.endedAt),
  }),
  links: scope.ownedBy === undefined ? [] : [scope.ownedBy.span],
})
