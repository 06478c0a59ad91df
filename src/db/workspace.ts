import { createHash } from 'node:crypto'
import { and, asc, desc, eq, isNull, notInArray, sql } from 'drizzle-orm'
import type { Platform } from '../core/event.ts'
import type { Grant, Person } from '../core/person.ts'
import type { AppliedPolicy, Policy, PolicyPerson } from '../core/policy.ts'
import { policySchema } from '../core/policy.ts'
import type { Ids } from '../core/ports.ts'
import { API_KEY } from '../core/serve.ts'
import type { Database, Db } from './client.ts'
import { identityRow, personOf, personRow } from './mapping.ts'
import { identities, installs, persons, policies, tokens, workspaces } from './schema.ts'

/** Workspaces and what is set up for them: policy, installs, tokens, the demo's clock. */
export interface WorkspaceStore {
  /** The workspace with this key, made on first use. Two starters at once get the same one. */
  ensure(key: string, now: Date): Promise<string>
  /** The workspace with this key; null if there is none. */
  find(key: string): Promise<string | null>
  /** Null until a policy was applied. */
  policy(workspace: string): Promise<AppliedPolicy | null>
  /**
   * Puts a policy in force as the next version, with the people and roles in it. Who is no longer in it keeps his
   * tickets and loses his roles. Returns the version.
   */
  apply(
    workspace: string,
    policy: Policy,
    by: string,
    installOf: (platform: Platform) => string,
    now: Date,
  ): Promise<number>
  /** The workspace that an install belongs to; an install that is new is given to `fallback`. */
  workspaceOf(platform: Platform, install: string, fallback: string, now: Date): Promise<string>
  clockOffset(workspace: string): Promise<number>
  setClockOffset(workspace: string, milliseconds: number): Promise<void>
  /** False: a valid token has that name already. */
  createToken(workspace: string, name: string, token: string, now: Date): Promise<boolean>
  /** Every token by its name, valid and revoked, oldest first; never the token itself. */
  tokens(workspace: string): Promise<readonly { name: string; createdAt: Date; revokedAt: Date | null }[]>
  /** False: no valid token has that name. */
  revokeToken(workspace: string, name: string, now: Date): Promise<boolean>
  /** The workspace and name of a token that is valid. */
  tokenOwner(token: string): Promise<{ workspace: string; name: string } | null>
}

export function workspaceStore(database: Database, ids: Ids): WorkspaceStore {
  return {
    async ensure(key, now) {
      return database.transaction(async (tx) => {
        // Without a unique index over a column that is not the tenant's, a lock keeps two first starts apart.
        await tx.execute(sql`select pg_advisory_xact_lock(hashtext(${`gongdan workspace ${key}`}))`)
        const [known] = await tx.select({ id: workspaces.id }).from(workspaces).where(eq(workspaces.key, key))
        if (known !== undefined) return known.id
        const id = ids.next()
        await tx.insert(workspaces).values({ id, key, createdAt: now })
        return id
      })
    },

    async find(key) {
      const [known] = await database
        .select({ id: workspaces.id })
        .from(workspaces)
        .where(eq(workspaces.key, key))
      return known?.id ?? null
    },

    policy: (workspace) => latestPolicy(database, workspace),

    apply: (workspace, policy, by, installOf, now) =>
      database.transaction(async (tx) => {
        await tx.execute(sql`select pg_advisory_xact_lock(hashtext(${`gongdan policy ${workspace}`}))`)
        const version = ((await latestPolicy(tx, workspace))?.version ?? 0) + 1
        for (const entry of policy.people) await applyPerson(tx, workspace, entry, installOf, ids)
        // The person of the REST interface is in no policy, and keeps his role through all of them.
        await tx
          .insert(persons)
          .values(personRow(workspace, { ...API_PERSON, id: ids.next() }))
          .onConflictDoNothing()
        const keys = [API_KEY, ...policy.people.map((entry) => entry.key)]
        await tx
          .update(persons)
          .set({ grants: [], vip: false })
          .where(
            and(
              eq(persons.workspaceId, workspace),
              sql`${persons.key} is not null`,
              notInArray(persons.key, keys),
            ),
          )
        await tx
          .insert(policies)
          .values({ workspaceId: workspace, version, document: policy, appliedAt: now, appliedBy: by })
        return version
      }),

    async workspaceOf(platform, install, fallback, now) {
      const [known] = await database
        .select({ workspaceId: installs.workspaceId })
        .from(installs)
        .where(and(eq(installs.platform, platform), eq(installs.install, install)))
      if (known !== undefined) return known.workspaceId
      await database
        .insert(installs)
        .values({ platform, install, workspaceId: fallback, createdAt: now })
        .onConflictDoNothing()
      return fallback
    },

    async clockOffset(workspace) {
      const [row] = await database
        .select({ offset: workspaces.clockOffset })
        .from(workspaces)
        .where(eq(workspaces.id, workspace))
      return row?.offset ?? 0
    },
    async setClockOffset(workspace, milliseconds) {
      await database.update(workspaces).set({ clockOffset: milliseconds }).where(eq(workspaces.id, workspace))
    },

    createToken: (workspaceId, name, token, now) =>
      database.transaction(async (tx) => {
        // Revoked tokens keep their names, so no unique index can keep two makers of one name apart.
        await tx.execute(sql`select pg_advisory_xact_lock(hashtext(${`gongdan token ${workspaceId}`}))`)
        const taken = await tx.select({ id: tokens.id }).from(tokens).where(validToken(workspaceId, name))
        if (taken.length > 0) return false
        await tx
          .insert(tokens)
          .values({ workspaceId, id: ids.next(), name, hash: hashOf(token), createdAt: now, revokedAt: null })
        return true
      }),
    tokens: (workspaceId) =>
      database
        .select({ name: tokens.name, createdAt: tokens.createdAt, revokedAt: tokens.revokedAt })
        .from(tokens)
        .where(eq(tokens.workspaceId, workspaceId))
        .orderBy(asc(tokens.id)),
    async revokeToken(workspaceId, name, now) {
      const revoked = await database
        .update(tokens)
        .set({ revokedAt: now })
        .where(validToken(workspaceId, name))
        .returning({ id: tokens.id })
      return revoked.length > 0
    },
    async tokenOwner(token) {
      const owner = workspaceOfToken(token)
      if (owner === null) return null
      const [row] = await database
        .select({ workspace: tokens.workspaceId, name: tokens.name })
        .from(tokens)
        .where(and(eq(tokens.workspaceId, owner), eq(tokens.hash, hashOf(token)), isNull(tokens.revokedAt)))
      return row ?? null
    },
  }
}

const API_PERSON: Omit<Person, 'id'> = {
  key: API_KEY,
  name: 'API',
  mail: null,
  locale: null,
  zone: null,
  vip: false,
  grants: [{ role: 'admin', queue: null }],
  skills: [],
}

function validToken(workspaceId: string, name: string) {
  return and(eq(tokens.workspaceId, workspaceId), eq(tokens.name, name), isNull(tokens.revokedAt))
}

async function latestPolicy(db: Db, workspace: string): Promise<AppliedPolicy | null> {
  const [row] = await db
    .select()
    .from(policies)
    .where(eq(policies.workspaceId, workspace))
    .orderBy(desc(policies.version))
    .limit(1)
  return row === undefined ? null : { version: row.version, document: policySchema.parse(row.document) }
}

/** A person of the policy is found again by key, then by mail, then by an identity; otherwise he is new. */
async function applyPerson(
  tx: Db,
  workspace: string,
  entry: PolicyPerson,
  installOf: (platform: Platform) => string,
  ids: Ids,
): Promise<void> {
  const reach = Object.entries(entry.identities) as [Platform, string][]
  const known = await findPerson(tx, workspace, entry, reach)
  const person: Person = {
    id: known?.id ?? ids.next(),
    key: entry.key,
    name: entry.name,
    mail: entry.mail?.toLowerCase() ?? known?.mail ?? null,
    locale: entry.locale ?? known?.locale ?? null,
    zone: entry.zone ?? known?.zone ?? null,
    vip: entry.vip,
    grants: entry.roles.flatMap((roles) =>
      Object.entries(roles).map(([role, queue]) => ({ role, queue: queue === '*' ? null : queue }) as Grant),
    ),
    skills: entry.skills,
  }
  const row = personRow(workspace, person)
  await tx
    .insert(persons)
    .values(row)
    .onConflictDoUpdate({ target: [persons.workspaceId, persons.id], set: row })
  for (const [platform, externalId] of reach) {
    const identity = identityRow(workspace, {
      platform,
      install: installOf(platform),
      externalId,
      personId: person.id,
    })
    await tx
      .insert(identities)
      .values(identity)
      .onConflictDoUpdate({
        target: [identities.workspaceId, identities.platform, identities.externalId],
        set: { personId: person.id },
      })
  }
}

async function findPerson(
  tx: Db,
  workspace: string,
  entry: PolicyPerson,
  reach: readonly [Platform, string][],
): Promise<Person | null> {
  const inWorkspace = and(eq(persons.workspaceId, workspace), isNull(persons.mergedInto))
  const [byKey] = await tx
    .select()
    .from(persons)
    .where(and(inWorkspace, eq(persons.key, entry.key)))
  if (byKey !== undefined) return personOf(byKey)
  if (entry.mail !== undefined) {
    const [byMail] = await tx
      .select()
      .from(persons)
      .where(and(inWorkspace, eq(persons.mail, entry.mail.toLowerCase()), isNull(persons.key)))
    if (byMail !== undefined) return personOf(byMail)
  }
  for (const [platform, externalId] of reach) {
    const [row] = await tx
      .select({ person: persons })
      .from(identities)
      .innerJoin(
        persons,
        and(eq(persons.workspaceId, identities.workspaceId), eq(persons.id, identities.personId)),
      )
      .where(
        and(
          inWorkspace,
          isNull(persons.key),
          eq(identities.platform, platform),
          eq(identities.externalId, externalId),
        ),
      )
    if (row !== undefined) return personOf(row.person)
  }
  return null
}

/** `gdn_<workspace without hyphens>_<secret>`: the token says where to look for its hash. */
export function tokenFor(workspace: string, secret: string): string {
  return `gdn_${workspace.replaceAll('-', '')}_${secret}`
}

function workspaceOfToken(token: string): string | null {
  const match = /^gdn_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})_/u.exec(token)
  return match === null ? null : match.slice(1).join('-')
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
