import { readFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { fire } from './support/load.ts'
import { messageEvent } from './support/slack-event.ts'
import { startChild } from './support/child.ts'
import { freePort } from '../test/support/postgres.ts'
import { SIGNING_SECRET } from './support/slack-event.ts'
const url = readFileSync('/tmp/prof.url','utf8')
const slack = await startChild('bench/support/loopback-slack.ts', await freePort())
const port = await freePort()
const child = spawn('node', ['--cpu-prof','--cpu-prof-dir=/tmp/cpuprof','--enable-source-maps','dist/main.js'], { stdio:'inherit', env: {...process.env, PORT:String(port), DATA_DIR:'/tmp/profdata', DATABASE_URL:url, LOG_LEVEL:'warn', SLACK_SIGNING_SECRET: SIGNING_SECRET, SLACK_BOT_TOKEN:'xoxb-bench', SLACK_API_URL: slack.origin+'/api/' }})
await new Promise(r=>setTimeout(r,4000))
const run = String(Date.now())
const shots = Array.from({length: 3000}, (_, n) => messageEvent(run, n, Date.now()))
const r = await fire(`http://127.0.0.1:${port}/slack/events`, shots, 64)
console.log('acked/s', shots.length / r.seconds, r.statuses)
await new Promise(r=>setTimeout(r,12000))
child.kill('SIGTERM')
await new Promise(r=>child.once('exit', r))
await slack.stop(); process.exit(0)
