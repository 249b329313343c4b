"""Tell working days from days off, by the year's notice (国务院办公厅放假通知) where one is known."""
