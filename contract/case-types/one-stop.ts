import { caseType, flag, text } from './case-type.ts'

/** A dossier of an administrative procedure, received at a one-stop desk or online (decree 118/2025/NĐ-CP). */
export const oneStop = caseType({
  id: 'one_stop',
  title: { vi: 'Hồ sơ một cửa', en: 'One-stop dossier' },
  attributes: {
    field: text('Lĩnh vực', 'Field'),
    procedure: text('Thủ tục hành chính', 'Procedure'),
    unit: text('Đơn vị giải quyết', 'Unit in charge'),
    channel: text('Kênh tiếp nhận', 'Channel'),
    online: flag('Nộp trực tuyến', 'Submitted online'),
    fee: flag('Có phí, lệ phí', 'Subject to a fee'),
    paid_online: flag('Thanh toán trực tuyến', 'Paid online'),
    digitised: flag('Kết quả đã số hóa', 'Result digitised'),
  },
})
