/** A word in both languages. */
interface Title {
  readonly vi: string
  readonly en: string
}

/**
 * Words for groups that devices and cases send as identifiers, by the field that indicators are grouped by; the others are
 * Vietnamese already and stand as they are.
 */
export const groupTitles: Readonly<Record<string, Readonly<Record<string, Title>>>> = {
  school_level: {
    kindergarten: { vi: 'Mầm non', en: 'Kindergarten' },
    primary: { vi: 'Tiểu học', en: 'Primary' },
    lower_secondary: { vi: 'Trung học cơ sở', en: 'Lower secondary' },
    upper_secondary: { vi: 'Trung học phổ thông', en: 'Upper secondary' },
  },
  vehicle_class: {
    motorbike: { vi: 'Xe máy', en: 'Motorbikes' },
    motorcycle: { vi: 'Xe máy', en: 'Motorcycles' },
    bicycle: { vi: 'Xe đạp', en: 'Bicycles' },
    car: { vi: 'Ô tô con', en: 'Cars' },
    bus: { vi: 'Xe khách', en: 'Buses' },
    minibus: { vi: 'Xe khách nhỏ', en: 'Minibuses' },
    truck: { vi: 'Xe tải', en: 'Trucks' },
    heavy_truck: { vi: 'Xe tải nặng', en: 'Heavy trucks' },
    trailer: { vi: 'Xe kéo rơ moóc', en: 'Trailers' },
  },
  guest: {
    domestic: { vi: 'Khách trong nước', en: 'Domestic' },
    foreign: { vi: 'Khách quốc tế', en: 'Foreign' },
  },
  field: {
    environment: { vi: 'Môi trường', en: 'Environment' },
    forest: { vi: 'Lâm nghiệp', en: 'Forest' },
    land: { vi: 'Đất đai', en: 'Land' },
    order: { vi: 'Trật tự công cộng', en: 'Public order' },
    traffic: { vi: 'Giao thông', en: 'Traffic' },
    construction: { vi: 'Xây dựng', en: 'Construction' },
  },
}
