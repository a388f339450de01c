"""Writes a workbook as departments export them, with xlwt (.xls) or openpyxl (.xlsx): make_workbook.py PATH KIND."""

import sys
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZipFile

path, kind = sys.argv[1:]

TITLE = ["SỞ NỘI VỤ TỈNH LÂM ĐỒNG", "BÁO CÁO HỒ SƠ THÁNG 11"]
ROWS = [
    ["H-001", "Đang xử lý", "02/11/2026", "15/11/2026", None, "1.234,56"],
    ["H-002", "Đã trả kết quả", datetime(2026, 11, 3, 8, 30), datetime(2026, 11, 20), datetime(2026, 11, 18), 1234.5],
    ["H-003", "đang xử lý", "04/11/2026", "31/02/2026", None, "0"],
    ["H-004", "Đang xử lý", "04/11/2026", "16/11/2026", None, "2.000"],
    ["H-005", "Đang xử lý", "04/11/2026", "16/11/2026", None, "12,5"],
    ["H-006", "Đang xử lý", "05/11/2026", "16/11/2026", None, None],
]

if kind == "xls":
    import xlwt

    book = xlwt.Workbook()
    sheet = book.add_sheet("Tháng 11")
    date = xlwt.easyxf(num_format_str="DD/MM/YYYY HH:MM")
    for row, title in enumerate(TITLE):
        sheet.write_merge(row, row, 0, 5, title)
    # A header of two rows: some cells are merged downwards, one above two others.
    for column, name in ((0, "Số hồ sơ"), (1, "Trạng thái"), (4, "Ngày trả"), (5, "Lệ phí (đ)")):
        sheet.write_merge(3, 4, column, column, name)
    sheet.write_merge(3, 3, 2, 3, "Thời hạn")
    sheet.write(4, 2, "Ngày nhận")
    sheet.write(4, 3, "Ngày hẹn trả")
    for row, cells in enumerate(ROWS, 5):
        for column, value in enumerate(cells):
            if isinstance(value, datetime):
                sheet.write(row, column, value, date)
            elif value is not None:
                sheet.write(row, column, value)
    book.save(path)
elif kind == "xlsx":
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["Trang bìa"])
    sheet = book.create_sheet("Tháng 11")
    for title in TITLE:
        sheet.append([title])
    sheet.append([])
    sheet.append(["SỐ HỒ SƠ", "trang thai", "Ngày nhận", "Ngày hẹn trả", "Ngày trả", "Lệ phí (đ)"])
    for cells in ROWS:
        sheet.append(cells)
    sheet["G5"] = "=1/0"
    book.save(path)
else:
    # A workbook whose parts are much larger than the file.
    with ZipFile(path, "w", ZIP_DEFLATED) as bomb:
        bomb.writestr("[Content_Types].xml", "<Types/>")
        with bomb.open("xl/worksheets/sheet1.xml", "w") as part:
            for _ in range(201):
                part.write(b" " * 1_000_000)
