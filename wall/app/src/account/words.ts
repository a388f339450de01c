import type { Role } from '@ioc/contract/roles.ts'
import { labels } from '../words.ts'

export const sayAccount = labels({
  ask: ['Đăng nhập để xem số liệu của trung tâm.', 'Log in to see the figures of the centre.'],
  name: ['Tên đăng nhập', 'User name'],
  password: ['Mật khẩu', 'Password'],
  enter: ['Đăng nhập', 'Log in'],
  wrong: ['Tên đăng nhập hoặc mật khẩu không đúng.', 'Wrong user name or password.'],
  wait: ['Nhập sai quá nhiều lần, xin thử lại sau ít phút.', 'Too many wrong attempts; try again in a few minutes.'],
  away: ['Máy chủ chưa phản hồi, xin thử lại.', 'The server does not answer; try again.'],
  account: ['Tài khoản', 'Account'],
  open: [
    'Trung tâm chưa có tài khoản: người dùng máy này đều có quyền quản trị. Tạo tài khoản bằng lệnh: ioc user add',
    'The centre has no accounts: everyone on this machine is an administrator. Create one with: ioc user add',
  ],
  limitedTo: ['Phạm vi', 'Limited to'],
  logout: ['Đăng xuất', 'Log out'],
  change: ['Đổi mật khẩu', 'Change password'],
  current: ['Mật khẩu hiện tại', 'Present password'],
  next: ['Mật khẩu mới (ít nhất 10 ký tự)', 'New password (at least 10 characters)'],
  repeat: ['Nhập lại mật khẩu mới', 'New password again'],
  differs: ['Hai lần nhập mật khẩu mới không giống nhau.', 'The new passwords differ.'],
  currentWrong: ['Mật khẩu hiện tại không đúng.', 'Wrong present password.'],
  weak: [
    'Mật khẩu mới quá ngắn, quá đơn giản hoặc chứa tên đăng nhập.',
    'The new password is too short, too simple, or contains the user name.',
  ],
  changed: ['Đã đổi mật khẩu.', 'Password changed.'],
})

export const sayRole = labels({
  viewer: ['Người xem', 'Viewer'],
  operator: ['Trực ban', 'Operator'],
  technician: ['Kỹ thuật viên', 'Technician'],
  admin: ['Quản trị viên', 'Administrator'],
} satisfies Record<Role, readonly [vi: string, en: string]>)
