import type { Words } from './words.ts'

/** Why something has to be verified before it is relied on, as a board shows it after *chưa xác nhận* or *unconfirmed*. */
export const unconfirmed = {
  startingLevels: {
    vi: 'các ngưỡng cảnh báo, do trung tâm tạm đặt',
    en: 'the levels, with which the operators start',
  },
  startingTarget: {
    vi: 'chỉ tiêu, do trung tâm tạm đặt',
    en: 'the target, with which the operators start',
  },
  outbreakLevels: {
    vi: 'các ngưỡng cảnh báo, do trung tâm tạm đặt; ngưỡng công bố dịch khác nhau theo từng bệnh',
    en: 'the levels, with which the operators start; an outbreak is declared for each disease',
  },
  anyNeedsAttention: {
    vi: 'ngưỡng cảnh báo: có một trường hợp cũng phải chú ý',
    en: 'the limit: a single one needs attention',
  },
  unreadLimits: {
    vi: 'các ngưỡng, chưa đối chiếu với văn bản gốc',
    en: 'the limits, which were not read in the regulation itself',
  },
  riverLimits: {
    vi: 'các ngưỡng, vốn khác nhau theo từng sông',
    en: 'the limits, which differ from river to river',
  },
  reservoirLimits: {
    vi: 'các ngưỡng; căn cứ chính thức là quy trình vận hành hồ chứa',
    en: 'the limits; those of the operating procedure of the reservoir count',
  },
  slopeLimits: {
    vi: 'các ngưỡng, vốn phụ thuộc từng mái dốc',
    en: 'the limits, which depend on the slope',
  },
  batteryLimits: {
    vi: 'các ngưỡng, lấy theo ắc quy chì 12 V',
    en: 'the limits, which are those of a lead-acid battery of 12 V',
  },
  latencyLimits: {
    vi: 'các ngưỡng, ở đây áp dụng cho cả chiều đi và chiều về',
    en: 'the limits, which are taken for the way there and back',
  },
  processorLimits: {
    vi: 'các ngưỡng, vốn phụ thuộc bộ xử lý',
    en: 'the limits, which depend on the processor',
  },
  weatherClasses: {
    vi: 'phân cấp của bản tin dự báo thời tiết',
    en: 'the classes of the weather forecast',
  },
  fireWeatherClasses: {
    vi: 'phân cấp, lấy theo châu Âu (EFFIS)',
    en: 'the classes, which are those of Europe (EFFIS)',
  },
  colours: { vi: 'màu của các mức', en: 'the colours of the bands' },
  namesAndColours: { vi: 'tên và màu của các mức', en: 'the names and colours of the bands' },
  definition: { vi: 'định nghĩa của chỉ số', en: 'the definition' },
  onTimeFormula: { vi: 'công thức tính chính xác', en: 'the exact formula' },
  dissatisfactionLimit: {
    vi: 'mức coi là không hài lòng, từ 2 trên 5 trở xuống',
    en: 'the limit of dissatisfaction, 2 of 5 and below',
  },
  vehicleClasses: {
    vi: 'cách xếp loại xe của máy đếm vào loại xe của tiêu chuẩn',
    en: 'the mapping of counter classes to the classes of the standard',
  },
  sumsOfRates: {
    vi: 'với chỉ tiêu là tỷ lệ, như tỷ lệ hộ nghèo: gộp các xã chỉ là gần đúng, và thấp hơn là tốt hơn',
    en: 'of a rate, as that of poor households: sums over communes are an approximation, and less is better',
  },
  diskTrend: {
    vi: 'giả định ổ đĩa tiếp tục đầy lên như 7 ngày qua',
    en: 'that the disk goes on filling as in the last 7 days',
  },
  groupPoints: {
    vi: 'các tiêu chí thành phần của nhóm và điểm của từng tiêu chí',
    en: 'the components of the group and their points',
  },
  onlinePoints: {
    vi: 'các tiêu chí thành phần của nhóm và điểm của từng tiêu chí, ở đây là 12 và 10',
    en: 'the components of the group and their points, here 12 and 10',
  },
  satisfactionPoints: {
    vi: 'các tiêu chí thành phần của nhóm và trọng số, ở đây bằng nhau',
    en: 'the components of the group and their weights, here the same',
  },
} as const satisfies Readonly<Record<string, Words>>
