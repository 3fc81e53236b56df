import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { hours, week } from '../src/hours.mjs'

describe('opening hours', () => {
  it('are long on weekdays', () => assert.equal(hours('Tuesday'), '9 to 18'))
  it('are short on Saturdays', () => assert.equal(hours('Saturday'), '10 to 14'))
  it('are none on Sundays', () => assert.equal(hours('Sunday'), 'closed'))
  it('know the days', () => assert.throws(() => hours('Doomsday'), RangeError))
})

it('covers the whole week', () => assert.equal(week().length, 7))
