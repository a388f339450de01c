import { deviceType, number } from './device-type.ts'

/** The exchange of official documents of an office (edXML, QCVN 102:2016/BTTTT). */
export const documentExchange = deviceType({
  id: 'document_exchange',
  title: { vi: 'Liên thông văn bản điện tử', en: 'Document exchange' },
  cadence_s: 3600,
  metrics: {
    sent: number('1', 'Văn bản gửi từ lần báo trước', 'Sent since the last record', [0, 1e6]),
    received: number('1', 'Văn bản nhận từ lần báo trước', 'Received since the last record', [0, 1e6]),
    failed: number('1', 'Văn bản gửi lỗi từ lần báo trước', 'Failed since the last record', [0, 1e6]),
    signed: number('1', 'Văn bản ký số đã gửi từ lần báo trước', 'Signed ones sent since the last record', [0, 1e6]),
    delay_s: number('s', 'Thời gian chuyển trung bình', 'Mean time of delivery', [0, 1e7]),
  },
  parts: { signed: 'sent' },
})
