import postgres from 'postgres'
import { expect, test } from 'vitest'
import { freshPostgres } from './shared-postgres.ts'

async function migrate(url: string) {
  const sql = postgres(url, { max: 1 })
  await sql`create table things (name text)`
  await sql.end()
}

test('each fresh database starts migrated, empty and apart from the others', async () => {
  const [one, two] = await Promise.all([
    freshPostgres(migrate, 'one', 'support_template'),
    freshPostgres(migrate, 'two', 'support_template'),
  ])
  const first = postgres(one.url, { max: 1 })
  const second = postgres(two.url, { max: 1 })
  await first`insert into things values ('工单')`
  expect(await second`select * from things`).toHaveLength(0)
  expect(await first`select lower('Ä') as low, name from things`).toEqual([{ low: 'ä', name: '工单' }])
  await Promise.all([first.end(), second.end()])
  await Promise.all([one.drop(), two.drop()])
})
