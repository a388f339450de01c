import { labels } from '../words.ts'

/** Of roll-outs of the agent. */
export const sayRollout = labels({
  title: ['Cập nhật phần mềm trạm', 'Updates of the agents'],
  versions: ['Phiên bản đang chạy', 'Versions in use'],
  none: ['chưa có trạm nào', 'no nodes yet'],
  manual: ['trạm phải cập nhật tại chỗ', 'to be updated on site'],
  noVersions: [
    'Chưa có bản phát hành nào: chạy "npm run agent:bundle" tại trung tâm.',
    'There is no release yet: run "npm run agent:bundle" at the centre.',
  ],
  version: ['Phiên bản', 'Version'],
  when: ['Thời điểm cập nhật', 'Time of the update'],
  atNight: ['Ban đêm (0 giờ – 4 giờ)', 'At night (00:00–04:00)'],
  atOnce: ['Ngay bây giờ', 'Now'],
  hold: ['Thời gian chờ giữa hai đợt (giờ)', 'Time between rings (hours)'],
  start: ['Bắt đầu cập nhật', 'Start the roll-out'],
  sure: ['Cập nhật các trạm lên phiên bản này, lần lượt theo từng đợt?', 'Roll out this version, ring after ring?'],
  running: ['Đang thực hiện', 'Running'],
  paused: ['Tạm dừng', 'Paused'],
  cancelled: ['Đã hủy', 'Cancelled'],
  done: ['Hoàn thành', 'Done'],
  because: ['vì', 'because'],
  haveReverted: ['trạm đã tự quay về phiên bản cũ', 'nodes have reverted'],
  ring: ['Đợt', 'Ring'],
  nextRing: ['đợt tiếp theo sớm nhất lúc', 'the next one at the earliest at'],
  began: ['Bắt đầu lúc', 'Began at'],
  pause: ['Tạm dừng', 'Pause'],
  resume: ['Tiếp tục', 'Resume'],
  cancel: ['Hủy đợt cập nhật', 'Cancel the roll-out'],
  cancelSure: [
    'Hủy cập nhật? Trạm nào đã cập nhật xong vẫn giữ phiên bản mới.',
    'Cancel the roll-out? Nodes that run the version keep it.',
  ],
  site: ['Điểm', 'Site'],
  node: ['Tên trạm', 'Node'],
  state: ['Trạng thái', 'State'],
  reason: ['Chi tiết', 'Details'],
  refused: ['Không thực hiện được', 'Refused'],
  earlier: ['Các lần trước', 'Earlier'],
})

const states = {
  pending: ['Chưa cập nhật', 'Not updated yet'],
  waiting: ['Đang chờ', 'Waiting'],
  downloading: ['Đang tải', 'Downloading'],
  staged: ['Đã tải xong', 'Downloaded'],
  trial: ['Đang chạy thử', 'On trial'],
  done: ['Đã cập nhật', 'Updated'],
  reverted: ['Đã tự quay về phiên bản cũ', 'Reverted'],
  refused: ['Bị từ chối', 'Refused'],
} as const
const say = labels(states)

/** What a node reports of its update, in words. */
export const sayUpdate = (state: string): string =>
  Object.hasOwn(states, state) ? say(state as keyof typeof states) : state
