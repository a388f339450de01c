import { describe, expect, test } from 'vitest'
import { domains } from './table.ts'
import { unconfirmed } from './unconfirmed.ts'

const all = domains.flatMap((domain) => domain.indicators)
const languages = ['vi', 'en'] as const
/** Characters that an explanation has at most: two sentences, which a reader takes in at a glance. */
const maxAboutChars = 230
/** Syllables of a Vietnamese title, each of which is written as a word. */
const maxSyllables = 13
const maxEnglishWords = 12

const letters = /[àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ]/i
/** Small words that English has and Vietnamese has not. */
const english =
  /\b(of|the|and|is|are|from|which|with|than|below|above|mean|hours|days|unit|source|data|online|offline|dashboard)\b/i
const regulation = /\d\/(QĐ|TT|NĐ|QH)|\bQCVN|\bTCVN|\bBộ |\bLuật |Nghị định|Quy định|Quyết định|Phân cấp/

describe('what an indicator is about', () => {
  test.each(all.map((one) => [one.id, one] as const))('%s is explained in both languages', (_, { title, about }) => {
    for (const language of languages) {
      expect(about[language]).toMatch(/^[\p{Lu}\d].*[^.]\.$/u)
      expect(about[language].length, about[language]).toBeLessThanOrEqual(maxAboutChars)
      expect(about[language]).not.toMatch(/undefined|NaN| {2}|\.\.|^null/)
      expect(about[language].slice(0, -1)).not.toBe(title[language])
    }
    expect(about.vi).toMatch(letters)
    expect(about.vi).not.toMatch(english)
    expect(about.en.replaceAll('QĐ', '')).not.toMatch(letters)
  })

  test('differs from indicator to indicator of a domain', () => {
    for (const { id, indicators } of domains) {
      const texts = indicators.map(({ about }) => about.vi)
      const repeated = texts.filter((text, index) => texts.indexOf(text) !== index)
      expect(repeated, id).toEqual([])
    }
  })

  test('reads as a sentence where it is composed of parts', () => {
    const about = (id: string) => all.find((one) => one.id === id)?.about
    expect(about('one_stop_on_time_month_by_field')).toEqual({
      vi: 'Tỷ lệ hồ sơ một cửa đã giải quyết xong đúng hạn, trên tổng số đã giải quyết xong trong tháng cộng số chưa giải quyết xong mà đã quá hạn. Tính riêng cho từng lĩnh vực.',
      en: 'Of the one-stop dossiers resolved in the month or open past their due time, the share that was resolved on time. Separately for each field.',
    })
    expect(about('document_out_issued_30d')).toEqual({
      vi: 'Đếm số văn bản đi đã ban hành trong 30 ngày gần nhất, dù đúng hạn hay trễ hạn.',
      en: 'Counts the outgoing documents issued in the last 30 days, whether on time or late.',
    })
    expect(about('health_visits_month')).toEqual({
      vi: 'Cộng số lượt khám bệnh mà các cơ sở y tế báo cáo trong tháng.',
      en: 'Adds up the visits that the clinics reported in the month.',
    })
    expect(about('camera_online_24h')).toEqual({
      vi: 'Thời gian camera có kết nối bình thường chia cho thời gian biết được trạng thái trong 24 giờ gần nhất, tính bằng phần trăm.',
      en: 'Time in which the camera was online divided by the time of which the state is known in the last 24 hours, in per cent.',
    })
    expect(about('completeness_health')).toEqual({
      vi: 'Số nguồn của lĩnh vực Y tế có số liệu mới nhất không cũ quá 3 chu kỳ gửi, chia cho tổng số nguồn đã biết, tính bằng phần trăm.',
      en: 'Sources of the domain Health whose newest data is at most 3 reporting cycles old, divided by all known sources, in per cent.',
    })
  })
})

describe('titles', () => {
  test('are one of a kind within a domain, in each language', () => {
    for (const { id, indicators } of domains) {
      for (const language of languages) {
        const titles = indicators.map(({ title }) => title[language])
        expect(
          titles.filter((title, index) => titles.indexOf(title) !== index),
          id,
        ).toEqual([])
      }
    }
  })

  test.each(all.filter(({ kind }) => kind !== 'completeness').map(({ id, title }) => [id, title] as const))(
    '%s is short',
    (_, title) => {
      expect(title.vi.split(' ').length, title.vi).toBeLessThanOrEqual(maxSyllables)
      expect(title.en.split(' ').length, title.en).toBeLessThanOrEqual(maxEnglishWords)
      expect(title.vi).not.toMatch(english)
    },
  )
})

describe('what is to be verified', () => {
  test.each(Object.entries(unconfirmed))('%s is said in both languages', (_, { vi, en }) => {
    expect(vi).toMatch(letters)
    expect(vi).not.toMatch(english)
    expect(en).not.toMatch(letters)
    for (const text of [vi, en]) expect(text).not.toMatch(/\.$/)
  })

  test('is Vietnamese in the Vietnamese description of every indicator, parameters included', () => {
    for (const one of all) if (one.unconfirmed) expect(one.unconfirmed.vi, one.id).not.toMatch(english)
    expect(all.find(({ id }) => id === 'weather_fire_p')?.unconfirmed).toEqual({
      vi: expect.stringContaining('ngưỡng cấp cháy rừng II–V theo chỉ số P (mỗi tỉnh ban hành riêng;'),
      en: expect.stringContaining('limits of the forest-fire levels II to V, index P (each province issues its own;'),
    })
  })
})

test('a reference to a Vietnamese regulation has no English word', () => {
  const references = all.flatMap(({ id, reference }) => (reference === undefined ? [] : [[id, reference] as const]))
  for (const [id, reference] of references) if (regulation.test(reference)) expect(reference, id).not.toMatch(english)
})
